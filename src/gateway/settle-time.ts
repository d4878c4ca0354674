import { AUTHORIZER_TIMEOUT_MS } from './settings.ts';

/**
 * How long the authorizer's eventually consistent reads may still return the record as it was before a write, in
 * milliseconds. DynamoDB: "usually within one second".
 *
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.ReadConsistency.html
 */
const STALE_READ_MS = 2000;

/** How long the authorizer's response may take from Lambda to API Gateway's cache, in milliseconds. */
const RESPONSE_MS = 1000;

/**
 * How long after a revocation the last flush of an authorizer cache is made, in milliseconds.
 *
 * A request that read the key before the revocation can fill the cache again after a flush. The authorizer reads only
 * after Lambda has called it, so such a request has its response in the cache within this time: a stale read, then the
 * longest call of the authorizer, then the way to API Gateway. A flush after that leaves no old result behind.
 */
export const SETTLE_MS = STALE_READ_MS + AUTHORIZER_TIMEOUT_MS + RESPONSE_MS;

/** Name of the environment variable that overrides {@link SETTLE_MS}. The construct never sets it: it is for tests. */
const SETTLE_VARIABLE = 'LATCHKEY_FLUSH_SETTLE_MS';

/** Returns the environment of a function that makes the last flush after this time, in milliseconds. */
export function settleTimeToEnvironment(settleMs: number): Record<string, string> {
  return { [SETTLE_VARIABLE]: String(settleMs) };
}

/**
 * Returns how long after a revocation the last flush is made, in milliseconds.
 *
 * @throws {Error} if the variable is set and not a whole number
 */
export function settleTimeFromEnvironment(environment: NodeJS.ProcessEnv): number {
  const text = environment[SETTLE_VARIABLE];
  if (text === undefined) return SETTLE_MS;
  if (!/^\d{1,5}$/.test(text))
    throw new Error(`${SETTLE_VARIABLE} is "${text}"; it must be a whole number of milliseconds, such as 8000`);
  return Number(text);
}
