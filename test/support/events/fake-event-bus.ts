import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json as bodyOf } from 'node:stream/consumers';
import type { KeyEvent } from '../../../src/gateway/key-events.ts';
import { drip } from '../drip.ts';

interface Entry {
  readonly EventBusName: string;
  readonly Source: string;
  readonly DetailType: string;
  readonly Detail: string;
}

/**
 * A fault of a call: the whole call fails, the connection closes after the events were accepted, the response arrives byte
 * by byte and never completes, or the entries with these indexes are rejected.
 */
export type Trouble = 'refused' | 'cut' | 'drips' | { readonly entries: readonly number[] };

/** A fault of an event: EventBridge rejects the entry with this code, or the whole request that contains it. */
export type Objection = { readonly code: string } | { readonly request: string };

/** A fake of EventBridge's PutEvents over HTTP: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
export class FakeEventBus {
  /** The accepted events, in order. */
  readonly taken: (Entry & { readonly event: KeyEvent })[] = [];
  calls = 0;
  /** Faults by call, from 0. */
  trouble: (call: number) => Trouble | undefined = () => undefined;
  /** Faults by event. */
  objection: (event: KeyEvent) => Objection | undefined = () => undefined;
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  /** @returns the endpoint */
  async start(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await new Promise((resolve) => this.#server.once('listening', resolve));
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get events(): KeyEvent[] {
    return this.taken.map(({ event }) => event);
  }

  /** The distinct accepted events. */
  get distinct(): KeyEvent[] {
    return [...new Map(this.events.map((event) => [event.detail.metadata.eventId, event])).values()];
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { Entries } = (await bodyOf(request)) as { Entries: Entry[] };
    const trouble = this.trouble(this.calls++);
    const send = (status: number, body: object) => {
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify(body));
    };
    if (request.headers['x-amz-target'] !== 'AWSEvents.PutEvents' || Entries.length > 10) {
      send(400, { __type: 'ValidationException' });
      return;
    }
    if (trouble === 'drips') {
      drip(response);
      return;
    }
    if (trouble === 'refused') {
      send(500, { __type: 'InternalException' });
      return;
    }
    const eventOf = (entry: Entry) =>
      ({ type: entry.DetailType, detail: JSON.parse(entry.Detail) as unknown }) as KeyEvent;
    const objections = Entries.map((entry) => this.objection(eventOf(entry)));
    const whole = objections.find((one) => one !== undefined && 'request' in one);
    if (whole !== undefined && 'request' in whole) {
      send(400, { __type: whole.request });
      return;
    }
    const refused = typeof trouble === 'object' ? trouble.entries : [];
    const results = Entries.map((entry, index) => {
      if (refused.includes(index)) return { ErrorCode: 'InternalFailure', ErrorMessage: 'try again' };
      const objection = objections[index];
      if (objection !== undefined && 'code' in objection) return { ErrorCode: objection.code, ErrorMessage: 'no' };
      this.taken.push({ ...entry, event: eventOf(entry) });
      return { EventId: randomUUID() };
    });
    if (trouble === 'cut') request.socket.destroy();
    else send(200, { FailedEntryCount: refused.length, Entries: results });
  }
}
