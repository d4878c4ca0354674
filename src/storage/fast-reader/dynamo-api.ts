import { setTimeout as delay } from 'node:timers/promises';
import { ConnectionError } from './connection.ts';
import { Connections } from './connections.ts';
import type { CredentialSource } from './credentials.ts';
import { DynamoError, parseResponse } from './dynamo-error.ts';
import type { Endpoint } from './endpoint.ts';
import { signerFor, type Sign } from './signer.ts';

const ATTEMPTS = 3;
const ATTEMPT_TIMEOUT_MS = 1000;

/** Full jitter: a pause is anything from nothing to this, doubled with each attempt. */
const BASE_PAUSE_MS = 50;

/** DynamoDB takes a signature up to five minutes off; a smaller difference is no reason for a refusal. */
const MIN_SKEW_MS = 240_000;

/** Calls DynamoDB's JSON API, and calls again when that may help. */
export class DynamoApi {
  readonly #connections: Connections;
  readonly #credentials: CredentialSource;
  readonly #sign: Sign;
  /** How far the server's clock is ahead of ours, once it has refused a signature for that. */
  #skewMs = 0;

  constructor(endpoint: Endpoint, credentials: CredentialSource) {
    this.#connections = new Connections(endpoint.url);
    this.#credentials = credentials;
    this.#sign = signerFor(endpoint);
  }

  /**
   * @param timeoutMs for all attempts and the pauses between them @default no bound but the number of attempts
   * @throws what the last attempt met that could still be made: {@link DynamoError} or {@link ConnectionError}
   * @throws {TimeoutError} if the credentials do not come in time
   */
  async call(operation: string, input: object, timeoutMs = Infinity): Promise<Record<string, unknown>> {
    const deadline = performance.now() + timeoutMs;
    const target = `DynamoDB_20120810.${operation}`;
    const body = JSON.stringify(input);
    let met: Error | undefined;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#attempt(target, body, deadline, met);
      } catch (error) {
        // Nothing else is thrown here.
        met = error as Error;
        if (attempt === ATTEMPTS || !(await this.#mayPass(error))) throw error;
        const pause = this.#pauseAfter(error, attempt);
        if (performance.now() + pause >= deadline) throw error;
        await delay(pause);
      }
    }
  }

  /** @param met by the attempt before: a pause may end too late for another, and this says more than that */
  async #attempt(target: string, body: string, deadline: number, met?: Error): Promise<Record<string, unknown>> {
    const found = this.#credentials(deadline - performance.now());
    // Awaited only if need be, so that the request is written at once.
    const credentials = found instanceof Promise ? await found : found;
    const headers = this.#sign(target, body, credentials, new Date(Date.now() + this.#skewMs));
    const timeoutMs = Math.min(ATTEMPT_TIMEOUT_MS, deadline - performance.now());
    if (timeoutMs <= 0) throw met ?? new ConnectionError(false, new Error('no time was left to ask'));
    return parseResponse(await this.#connections.post(headers, body, timeoutMs));
  }

  #pauseAfter(error: unknown, attempt: number): number {
    if (error instanceof ConnectionError) {
      this.#connections.dropIdle();
      // It died while the environment was frozen. That says nothing of the server, so there is nothing to wait for.
      if (error.diedIdle) return 0;
    }
    return Math.random() * BASE_PAUSE_MS * 2 ** (attempt - 1);
  }

  /** Whether the next attempt may do better. The rules are the SDK's, loaded when something fails. */
  async #mayPass(error: unknown): Promise<boolean> {
    if (error instanceof ConnectionError) return true;
    if (!(error instanceof DynamoError)) return false;
    const { isClockSkewError, isServerError, isThrottlingError, isTransientError } = await import('@smithy/core/retry');
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- its successor asks whether the SDK has set the clock right; here we do
    if (isClockSkewError(error)) return this.#correctClock(error.serverTime);
    return isThrottlingError(error) || isTransientError(error) || isServerError(error);
  }

  /** @returns whether it was wrong */
  #correctClock(serverTime: number): boolean {
    const skewMs = serverTime - Date.now();
    if (!(Math.abs(skewMs - this.#skewMs) >= MIN_SKEW_MS)) return false;
    this.#skewMs = skewMs;
    return true;
  }
}
