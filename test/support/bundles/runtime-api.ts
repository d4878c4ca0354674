import { randomUUID } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** The result of an invocation, as Lambda receives it from the runtime. */
export type Invoked =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly error: { readonly errorType: string; readonly errorMessage: string } };

const INVOCATION = /^\/2018-06-01\/runtime\/invocation\/(?<id>[^/]+)\/(?<kind>response|error)$/;
const TIMEOUT_MS = 10_000;

/**
 * Lambda's Runtime API, from which the runtime of one execution environment fetches its invocations.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
export class RuntimeApi {
  readonly #server = createServer((request, response) => {
    const { id = '', kind } = INVOCATION.exec(request.url ?? '')?.groups ?? {};
    if (request.url === '/2018-06-01/runtime/invocation/next') this.#next(response);
    else
      void text(request).then((body) => {
        response.writeHead(202).end('{}');
        const value: unknown = body === '' ? null : JSON.parse(body);
        if (kind === undefined) this.fail(new Error(`The runtime reported ${request.url ?? ''}: ${body}`));
        else
          this.#waiting
            .get(id)
            ?.resolve(
              kind === 'response'
                ? { ok: true, result: value }
                : { ok: false, error: value as { errorType: string; errorMessage: string } },
            );
      });
  });
  readonly #queue: { id: string; event: object }[] = [];
  readonly #waiting = new Map<string, PromiseWithResolvers<Invoked>>();
  #polling: ServerResponse | undefined;
  #failure: Error | undefined;

  /** Starts the server. Returns the value of `AWS_LAMBDA_RUNTIME_API`. */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }

  /** Invokes the function. @throws {Error} if the runtime cannot load it, or exits */
  async invoke(event: object): Promise<Invoked> {
    if (this.#failure !== undefined) throw this.#failure;
    const id = randomUUID();
    const waiting = Promise.withResolvers<Invoked>();
    this.#waiting.set(id, waiting);
    this.#queue.push({ id, event });
    this.#deliver();
    return waiting.promise;
  }

  /** Rejects all invocations from now on, and those that wait for the runtime. */
  fail(error: Error): void {
    this.#failure = error;
    for (const { reject } of this.#waiting.values()) reject(error);
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #next(response: ServerResponse): void {
    this.#polling = response;
    this.#deliver();
  }

  #deliver(): void {
    const response = this.#polling;
    const invocation = response === undefined ? undefined : this.#queue.shift();
    if (response === undefined || invocation === undefined) return;
    this.#polling = undefined;
    response
      .writeHead(200, {
        'content-type': 'application/json',
        'lambda-runtime-aws-request-id': invocation.id,
        'lambda-runtime-deadline-ms': String(Date.now() + TIMEOUT_MS),
        'lambda-runtime-invoked-function-arn': 'arn:aws:lambda:us-east-1:000000000000:function:authorizer',
      })
      .end(JSON.stringify(invocation.event));
  }
}
