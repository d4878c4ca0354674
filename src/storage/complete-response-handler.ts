import { NodeHttpHandler } from '@smithy/node-http-handler';

/** The timeouts of one attempt, in milliseconds. */
export interface AttemptTimeouts {
  /** Until the connection is open. */
  readonly connect: number;
  /** Until the response headers arrive. */
  readonly begin: number;
  /** Until the last byte of the response. */
  readonly whole: number;
}

/**
 * An HTTP handler with a timeout for the whole response. The SDK's own timeouts end with the response headers, so it would
 * wait for a body that never ends until Lambda stops the function.
 */
export class CompleteResponseHandler extends NodeHttpHandler {
  readonly #wholeMs: number;

  constructor({ connect, begin, whole }: AttemptTimeouts) {
    super({ connectionTimeout: connect, requestTimeout: begin, throwOnRequestTimeout: true });
    this.#wholeMs = whole;
  }

  override handle(...[request, options]: Parameters<NodeHttpHandler['handle']>): ReturnType<NodeHttpHandler['handle']> {
    const inTime = AbortSignal.timeout(this.#wholeMs);
    const given = options?.abortSignal;
    const abortSignal = given instanceof AbortSignal ? AbortSignal.any([given, inTime]) : inTime;
    return super.handle(request, { ...options, abortSignal });
  }
}
