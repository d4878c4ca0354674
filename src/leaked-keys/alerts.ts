import { hash } from 'node:crypto';
import * as z from 'zod';
import { decide, type Decision } from '../core/decision/decision.ts';
import { findKeys } from '../core/keys/find-keys.ts';
import { readKey } from '../core/keys/imported-key.ts';
import type { SecretScanningSettings } from '../gateway/settings.ts';
import type { KeyStore } from '../storage/key-store.ts';

/** Longer strings are left out of the log. */
const MAX_URL_CHARACTERS = 2048;
const MAX_SOURCE_CHARACTERS = 64;

/**
 * An alert of GitHub. Only the token must be readable: an alert that is invalid in another way still revokes the key.
 *
 * https://docs.github.com/en/code-security/secret-scanning/secret-scanning-partner-program
 */
const alertSchema = z.object({
  token: z.string(),
  type: z.string().catch(''),
  url: optionalText(MAX_URL_CHARACTERS),
  source: optionalText(MAX_SOURCE_CHARACTERS),
});
export type Alert = z.output<typeof alertSchema>;

/** A string for the log. It is left out if it is too long or not a string. */
function optionalText(maxCharacters: number) {
  return z.string().max(maxCharacters).optional().catch(undefined);
}

/** Reads one element of GitHub's array. Returns `undefined` if it has no token. */
export function readAlert(element: unknown): Alert | undefined {
  return alertSchema.safeParse(element).data;
}

/** The feedback on a token. GitHub accepts the token or its hash; the hash cannot leak the token. */
export interface Feedback {
  /** SHA-256, in hex. */
  readonly token_hash: string;
  readonly token_type: string;
  readonly label: 'true_positive' | 'false_positive';
}

/**
 * The result of an alert.
 *
 * - `revoked`: a key of this deployment that was not revoked or expired before
 * - `ended`: a key of this deployment that was revoked or expired before
 * - `reported`: a key of this deployment that keeps working, because the settings say so
 * - `not_ours`: not a key of this deployment
 */
type LeakOutcome = 'revoked' | 'ended' | 'reported' | 'not_ours';

/** The outcome for a leaked key. It has only the key's public prefix. */
export interface Leak {
  readonly outcome: LeakOutcome;
  readonly keyId?: string | undefined;
  readonly ownerId?: string | undefined;
  /** Where GitHub found it. */
  readonly url?: string | undefined;
  readonly source?: string | undefined;
}

const REASON = 'leaked: found by GitHub secret scanning';

/** Handles one alert: revokes the key if the token is one, and the settings say so. */
export async function handleAlert(
  { token, url, source }: Alert,
  { keys, settings, now }: { keys: Pick<KeyStore, 'get' | 'revoke'>; settings: SecretScanningSettings; now: number },
): Promise<Leak> {
  const place = { url: withoutKeys(url, token), source: withoutKeys(source, token) };
  // The pattern that the scanner uses has no word boundaries, so its match may include text that touches the key.
  const key = findKeys(token, [settings.label])[0]?.key ?? readKey(token, settings.label, settings.importedFormats);
  if (key === undefined) return { outcome: 'not_ours', ...place };

  const record = await keys.get(key.prefix, { consistent: true });
  const standing = standingOf(await decide({ record, key, now }));
  if (standing === 'unknown') return { outcome: 'not_ours', ...place };

  const leak = { keyId: key.prefix, ownerId: record?.ownerId, ...place };
  if (standing === 'ended') return { outcome: 'ended', ...leak };
  if (settings.leakedKeys === 'report') return { outcome: 'reported', ...leak };
  await keys.revoke(key.prefix, REASON, now);
  return { outcome: 'revoked', ...leak };
}

/**
 * Restrictions, plans and owners are not checked, because the decision gets only the record. A key that they deny, or that
 * is disabled or not valid yet, counts as working: it could be used later.
 */
function standingOf(decision: Decision): 'works' | 'ended' | 'unknown' {
  if (decision.allowed) return 'works';
  switch (decision.reason) {
    case 'revoked':
    case 'expired':
      return 'ended';
    case 'disabled':
    case 'not_yet_valid':
      return 'works';
    default:
      return 'unknown';
  }
}

/** Leaves out a string that contains a key, this one or another, so that the log has none. */
function withoutKeys(text: string | undefined, token: string): string | undefined {
  if (text === undefined || text.includes(token)) return undefined;
  return findKeys(text).length > 0 ? undefined : text;
}

/** Returns the feedback for GitHub. A key that was revoked or expired before is a true positive, too. */
export function feedbackOn({ token, type }: Alert, { outcome }: Leak): Feedback {
  return {
    token_hash: hash('sha256', token),
    token_type: type,
    label: outcome === 'not_ours' ? 'false_positive' : 'true_positive',
  };
}
