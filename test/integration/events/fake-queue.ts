import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json as bodyOf } from 'node:stream/consumers';

/** SQS's SendMessage on a socket: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
export class FakeQueue {
  /** The bodies of the messages, in the order in which they were sent. */
  readonly messages: unknown[] = [];
  /** Whether it rejects every message. */
  unavailable = false;
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  /** @returns its endpoint, which is also the URL of the queue */
  async start(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await new Promise((resolve) => this.#server.once('listening', resolve));
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { MessageBody = '' } = (await bodyOf(request)) as { MessageBody?: string };
    const accepted = request.headers['x-amz-target'] === 'AmazonSQS.SendMessage' && !this.unavailable;
    response.writeHead(accepted ? 200 : 500, { 'content-type': 'application/x-amz-json-1.0' });
    if (accepted) this.messages.push(JSON.parse(MessageBody));
    const MD5OfMessageBody = createHash('md5').update(MessageBody).digest('hex');
    response.end(
      JSON.stringify(accepted ? { MessageId: randomUUID(), MD5OfMessageBody } : { __type: 'InternalFailure' }),
    );
  }
}
