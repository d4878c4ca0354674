import { findCredential } from '../gateway/credential.ts';
import { decide, denied, underPlan, type Decision, type Denied } from '../core/decision/decision.ts';
import { digestOf, isSlowDigest } from '../core/keys/digest.ts';
import { readKey } from '../core/keys/imported-key.ts';
import type { UnverifiedKey } from '../core/keys/key.ts';
import type { EpochMs, KeyRecord } from '../core/keys/record.ts';
import type { AuthorizerSettings } from '../gateway/settings.ts';
import type { KeyReader, OwnerReader } from '../storage/key-store.ts';
import { withOwnerInGoodStanding } from './owner-standing.ts';
import type { AuthorizerRequest } from './request.ts';
import { withinRestrictions } from './within-restrictions.ts';

/** Finds the key that a request carries, with no I/O. */
export function findKey(request: AuthorizerRequest, settings: AuthorizerSettings): UnverifiedKey | Denied {
  const credential = findCredential(request.credentialParts, settings.keySources);
  if (credential.found === 'none') return denied('missing');
  if (credential.found === 'conflict') return denied('malformed');
  return readKeyText(credential.text, settings);
}

/** Reads a key of ours, or of an issuer whose keys are taken. */
export function readKeyText(text: string, { label, importedFormats }: AuthorizerSettings): UnverifiedKey | Denied {
  return readKey(text, label, importedFormats) ?? denied('malformed');
}

/** What judging a key takes. */
interface Judging {
  readonly settings: AuthorizerSettings;
  readonly keys: KeyReader;
  /** Tells which owners are suspended. @default nobody asks */
  readonly owners?: OwnerReader | undefined;
  readonly now: () => EpochMs;
}

/**
 * Looks a key up and decides on it, all but its limits.
 *
 * @throws {Error} if it cannot be looked up in time
 */
export async function judgeKey(
  key: UnverifiedKey,
  request: AuthorizerRequest,
  { settings, keys, owners, now }: Judging,
): Promise<Decision> {
  const start = now();
  const record = await keys.get(key.prefix, { timeoutMs: settings.lookupTimeoutMs });
  const decision = underPlan(decide(record, key, now()), settings.plans);
  const within = await withinRestrictions(decision, request, settings.restrictions);
  if (owners === undefined) return within;
  return withOwnerInGoodStanding(within, owners, settings.lookupTimeoutMs - (now() - start));
}

/**
 * Notes that a key was used, and replaces a digest that is slow to check. Not awaited, so that it can neither delay
 * nor lose the answer. If the environment is frozen before a write is through, it is still due, and the key's
 * next uncached use tries again.
 */
export function noteUse(
  used: KeyRecord,
  key: UnverifiedKey,
  at: EpochMs,
  { settings, keys }: { settings: AuthorizerSettings; keys: KeyReader },
): void {
  const intervalMs = settings.lastUsedIntervalSeconds * 1000;
  if (intervalMs > 0 && (used.lastUsedAt ?? -Infinity) <= at - intervalMs)
    keys.touch(used.prefix, at, intervalMs).catch(warn('lastUsedAt not written', used));
  if (isSlowDigest(used.digest))
    keys.replaceDigest(used.prefix, used.digest, digestOf(key.text)).catch(warn('digest not upgraded', used));
}

/** Writes a line about what was not written. */
function warn(message: string, { prefix }: KeyRecord): (error: unknown) => void {
  return (error) => {
    console.warn(JSON.stringify({ level: 'WARN', message, keyId: prefix, error: String(error) }));
  };
}
