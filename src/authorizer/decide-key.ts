import { findCredential } from '../gateway/credential.ts';
import type { VerifiedKey } from '../core/decision/checks.ts';
import { decide, denied, type Decision, type Denied } from '../core/decision/decision.ts';
import { digestOf, isSlowDigest } from '../core/keys/digest.ts';
import { readKey } from '../core/keys/imported-key.ts';
import type { UnverifiedKey } from '../core/keys/key.ts';
import type { EpochMs, KeyRecord } from '../core/keys/record.ts';
import type { AuthorizerSettings } from '../gateway/settings.ts';
import type { KeyReader, OwnerReader } from '../storage/key-store.ts';
import type { AuthorizerRequest } from './request.ts';

/** Finds the key in a request. Does no I/O. */
export function findKey(request: AuthorizerRequest, settings: AuthorizerSettings): UnverifiedKey | Denied {
  const credential = findCredential(request.credentialParts, settings.keySources);
  if (credential.found === 'none') return denied('missing');
  if (credential.found === 'conflict') return denied('malformed');
  return readKeyText(credential.text, settings);
}

/** Parses a Latchkey key, or a key of one of the imported formats. */
export function readKeyText(text: string, { label, importedFormats }: AuthorizerSettings): UnverifiedKey | Denied {
  return readKey(text, label, importedFormats) ?? denied('malformed');
}

/** What a decision depends on besides the request. */
interface DecisionSources {
  readonly settings: AuthorizerSettings;
  readonly keys: KeyReader;
  /** @default owners are not checked */
  readonly owners?: OwnerReader | undefined;
  /** @default limits are not checked */
  readonly withinLimits?: ((key: VerifiedKey) => Promise<boolean>) | undefined;
  readonly now: () => EpochMs;
}

/**
 * Looks up a key and decides on it. Scopes are not checked here: API Gateway caches the policy, which must cover every
 * route, and evaluates it for each request.
 *
 * @throws {Error} if a read fails or takes too long; then the request must be rejected
 */
export async function decideKey(
  key: UnverifiedKey,
  request: AuthorizerRequest,
  { settings, keys, owners, withinLimits, now }: DecisionSources,
): Promise<Decision> {
  const { plans, restrictions, lookupTimeoutMs } = settings;
  const start = now();
  return decide({
    key,
    record: await keys.get(key.prefix, { timeoutMs: lookupTimeoutMs }),
    now: now(),
    plans,
    restrictions: {
      enforced: restrictions,
      request: async () => (await import('./restricted-request.ts')).restrictedRequestOf(request),
    },
    owner:
      owners && ((label, ownerId) => owners.getOwner(label, ownerId, { timeoutMs: lookupTimeoutMs - (now() - start) })),
    withinLimits,
  });
}

/**
 * Writes `lastUsedAt` if it is due, and replaces a digest that is slow to check. The writes are not awaited, so they
 * cannot delay the response or make it fail. A write that is lost because Lambda freezes the environment stays due, and
 * the next uncached request with the key retries it.
 */
export function recordUse(
  record: KeyRecord,
  key: UnverifiedKey,
  at: EpochMs,
  { settings, keys }: { settings: AuthorizerSettings; keys: KeyReader },
): void {
  const intervalMs = settings.lastUsedIntervalSeconds * 1000;
  if (intervalMs > 0 && (record.lastUsedAt ?? -Infinity) <= at - intervalMs)
    keys.touch(record.prefix, at, intervalMs).catch(warn('lastUsedAt not written', record));
  if (isSlowDigest(record.digest))
    keys.replaceDigest(record.prefix, record.digest, digestOf(key.text)).catch(warn('digest not upgraded', record));
}

/** Returns a handler that logs a failed write. */
function warn(message: string, { prefix }: KeyRecord): (error: unknown) => void {
  return (error) => {
    console.warn(JSON.stringify({ level: 'WARN', message, keyId: prefix, error: String(error) }));
  };
}
