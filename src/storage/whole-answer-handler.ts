import { NodeHttpHandler } from '@smithy/node-http-handler';

/** For one attempt, in milliseconds. */
export interface AttemptTimes {
  /** Until there is a connection. */
  readonly connect: number;
  /** Until the answer begins. */
  readonly begin: number;
  /** Until its last byte. */
  readonly whole: number;
}

/** The SDK's own times end with the head of an answer: a body that never ends would be waited for until Lambda gives up. */
export class WholeAnswerHandler extends NodeHttpHandler {
  readonly #wholeMs: number;

  constructor({ connect, begin, whole }: AttemptTimes) {
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
