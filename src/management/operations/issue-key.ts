import { createHash } from 'node:crypto';
import { randomBase62, type RandomBytes } from '../../core/keys/base62.ts';
import { digestOf } from '../../core/keys/digest.ts';
import { newKey, PREFIX_LENGTH, type UnverifiedKey } from '../../core/keys/key.ts';
import type { EpochMs, KeyRecord, Metadata } from '../../core/keys/record.ts';
import type { CreateOutcome, Idempotency, RotateOutcome, StoredKey } from '../../storage/key-store.ts';
import { IdempotencyConflictError } from '../errors.ts';
import { viewOf, type KeyView } from '../view.ts';

/** Random prefixes hardly ever collide. Five collisions in a row mean that something is broken. */
const MAX_ATTEMPTS = 5;

/** The result of issuing a key. */
export interface IssuedKey<Attributes = Metadata> {
  /** The key, which is returned only once. `null` if an earlier attempt of this call already issued it. */
  readonly key: string | null;
  readonly record: KeyView<Attributes>;
  readonly message: string;
}

export interface IssueRequest {
  readonly label: string;
  readonly randomBytes: RandomBytes;
  /** Identifies the call, so that a retry does not issue another key. */
  readonly idempotencyToken?: string | undefined;
  /** The input of the call. The same token with a different input is rejected. */
  readonly input: unknown;
  /** The other fields of the record. */
  readonly fields: Omit<KeyRecord, 'label' | 'prefix' | 'digest' | 'version'>;
}

export type Issue =
  | { readonly outcome: 'issued'; readonly key: UnverifiedKey; readonly record: KeyRecord }
  /** An earlier call with the same token issued the key. */
  | { readonly outcome: 'replayed'; readonly record: KeyRecord }
  /** The key to be replaced was changed in the meantime. */
  | { readonly outcome: 'changed' };

/**
 * Generates and stores a key. If the prefix is taken, it tries another one.
 *
 * With an idempotency token, the prefix is derived from the token, so a retry finds the record of the first attempt. One
 * conditional write is enough to detect this, without a second item for the token. The secret is always random.
 *
 * @param store writes the record and, for a rotation, the expiry of the replaced key in the same transaction
 * @throws {IdempotencyConflictError} if the token was used for a different request
 */
export function issueKey(
  request: IssueRequest,
  store: (record: StoredKey) => Promise<CreateOutcome>,
): Promise<Exclude<Issue, { outcome: 'changed' }>>;
export function issueKey(request: IssueRequest, store: (record: StoredKey) => Promise<RotateOutcome>): Promise<Issue>;
export async function issueKey(
  request: IssueRequest,
  store: (record: StoredKey) => Promise<RotateOutcome>,
): Promise<Issue> {
  const { label, randomBytes, idempotencyToken: token } = request;
  const idempotency = token === undefined ? undefined : idempotencyOf(token, request.input);

  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const seed = token === undefined ? undefined : `${label}\n${token}\n${String(attempt)}`;
    const prefix = randomBase62(PREFIX_LENGTH, seed === undefined ? randomBytes : bytesFrom(seed));
    const key = newKey({ label, prefix, randomBytes });
    const digest = digestOf(key.text);
    const record: StoredKey = { ...request.fields, label, prefix, digest, version: 1, idempotency };
    const written = await store(record);
    switch (written.outcome) {
      case 'stored':
        return { outcome: 'issued', key, record: written.record };
      case 'changed':
        return written;
      case 'prefix_taken':
        // This write took the prefix itself: its response was lost, and the SDK sent the request again.
        if (isSameKey(written.record, record)) return { outcome: 'issued', key, record: written.record };
        if (token !== undefined && wasIssuedBy(written.record, token, request.input)) {
          return { outcome: 'replayed', record: written.record };
        }
    }
  }
  throw new Error(`no free key prefix in ${String(MAX_ATTEMPTS)} attempts: the source of randomness is broken`);
}

/** Compares more than the digest, in case a broken source of randomness generates the same key twice. */
function isSameKey(one: StoredKey, other: StoredKey): boolean {
  return one.digest === other.digest && one.createdAt === other.createdAt && one.name === other.name;
}

/** Returns the hashes of the token and the input, which are stored with the record. */
function idempotencyOf(token: string, input: unknown): Idempotency {
  return { token: sha256(token), request: sha256(canonicalJson(input)) };
}

/**
 * Whether an earlier attempt of this call created the record. The order of the input's fields makes no difference.
 *
 * @throws {IdempotencyConflictError} if the token was used for a different request
 */
export function wasIssuedBy({ idempotency }: StoredKey, token: string, input: unknown): boolean {
  if (idempotency?.token !== sha256(token)) return false;
  // Version 0.1 stored the hash of the fields in the order in which they were sent.
  const requests = [canonicalJson(input), JSON.stringify(input)].map(sha256);
  if (!requests.includes(idempotency.request)) throw new IdempotencyConflictError();
  return true;
}

/** Returns JSON with the fields of each object sorted by name, so that equal values have equal JSON. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_field, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : part,
  );
}

/** Returns the only result that contains the key. */
export function shownOnce(key: UnverifiedKey, record: KeyRecord, now: EpochMs): IssuedKey {
  const message = 'Store the key now: it is shown only once and cannot be recovered.';
  return { key: key.text, record: viewOf(record, now), message };
}

/** Returns the result of a retry, without the key. */
export function shownBefore(record: KeyRecord, now: EpochMs): IssuedKey {
  const message =
    'This key was issued by an earlier call with the same idempotency token, and was shown then. Only its hash is stored: if it is lost, rotate it.';
  return { key: null, record: viewOf(record, now), message };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

/** Returns a generator of bytes that are derived from a seed. */
function bytesFrom(seed: string): RandomBytes {
  let block = 0;
  return (length) =>
    createHash('shake256', { outputLength: length })
      .update(`${seed}\n${String(block++)}`)
      .digest();
}
