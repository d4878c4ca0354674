import { setTimeout as delay } from 'node:timers/promises';
import { ConnectionError } from './connection.ts';
import { Connections } from './connections.ts';
import type { CredentialSource } from './credentials.ts';
import { DynamoError, parseResponse } from './dynamo-error.ts';
import type { Endpoint } from './endpoint.ts';
import { signerFor, type Sign } from './signer.ts';

const ATTEMPTS = 3;
const ATTEMPT_TIMEOUT_MS = 1000;

/** The maximum pause before the first retry, in milliseconds. It doubles with each attempt (exponential backoff, full jitter). */
const BASE_PAUSE_MS = 50;

/** DynamoDB accepts signatures within five minutes. A smaller difference is not the reason for a rejected signature. */
const MIN_SKEW_MS = 240_000;

/** Calls DynamoDB's JSON API, and retries as the SDK does. */
export class DynamoApi {
  readonly #connections: Connections;
  readonly #credentials: CredentialSource;
  readonly #sign: Sign;
  /** How far the server's clock is ahead, in milliseconds. Set once DynamoDB has rejected a signature because of the time. */
  #skewMs = 0;

  constructor(endpoint: Endpoint, credentials: CredentialSource) {
    this.#connections = new Connections(endpoint.url);
    this.#credentials = credentials;
    this.#sign = signerFor(endpoint);
  }

  /**
   * Calls an operation, such as `GetItem`.
   *
   * @param timeoutMs the time limit for all attempts and pauses, in milliseconds. @default only the number of attempts is limited
   * @throws {DynamoError} if DynamoDB returns an error
   * @throws {ConnectionError} if there is no response
   * @throws {TimeoutError} if the credentials are not available in time
   */
  async call(operation: string, input: object, timeoutMs = Infinity): Promise<Record<string, unknown>> {
    const deadline = performance.now() + timeoutMs;
    const target = `DynamoDB_20120810.${operation}`;
    const body = JSON.stringify(input);
    let previous: Error | undefined;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#attempt(target, body, deadline, previous);
      } catch (error) {
        // Only errors are thrown here.
        previous = error as Error;
        if (attempt === ATTEMPTS || !(await this.#isRetryable(error))) throw error;
        const pause = this.#pauseAfter(error, attempt);
        if (performance.now() + pause >= deadline) throw error;
        await delay(pause);
      }
    }
  }

  /** @param previous the error of the previous attempt, thrown if no time is left: it is more specific than a timeout */
  async #attempt(target: string, body: string, deadline: number, previous?: Error): Promise<Record<string, unknown>> {
    const found = this.#credentials(deadline - performance.now());
    // Awaited only if necessary, so that the request is written synchronously.
    const credentials = found instanceof Promise ? await found : found;
    const headers = this.#sign(target, body, credentials, Date.now() + this.#skewMs);
    const timeoutMs = Math.min(ATTEMPT_TIMEOUT_MS, deadline - performance.now());
    if (timeoutMs <= 0) throw previous ?? new ConnectionError(false, new Error('no time was left'));
    return parseResponse(await this.#connections.post(headers, body, timeoutMs));
  }

  #pauseAfter(error: unknown, attempt: number): number {
    if (error instanceof ConnectionError) {
      this.#connections.dropIdle();
      // It was closed while the environment was frozen. The server is not overloaded, so no pause is needed.
      if (error.diedIdle) return 0;
    }
    return Math.random() * BASE_PAUSE_MS * 2 ** (attempt - 1);
  }

  /** Returns whether a retry can succeed. The rules are those of the SDK, loaded on demand. */
  async #isRetryable(error: unknown): Promise<boolean> {
    if (error instanceof ConnectionError) return true;
    if (!(error instanceof DynamoError)) return false;
    const { isClockSkewError, isServerError, isThrottlingError, isTransientError } = await import('@smithy/core/retry');
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- its successor checks whether the SDK has corrected the clock; here this class does
    if (isClockSkewError(error)) return this.#correctClock(error.serverTime);
    return isThrottlingError(error) || isTransientError(error) || isServerError(error);
  }

  /** Corrects the clock, and returns whether it was wrong. */
  #correctClock(serverTime: number): boolean {
    const skewMs = serverTime - Date.now();
    if (!(Math.abs(skewMs - this.#skewMs) >= MIN_SKEW_MS)) return false;
    this.#skewMs = skewMs;
    return true;
  }
}
