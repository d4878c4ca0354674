import { createHash } from 'node:crypto';
import { randomBase62, type RandomBytes } from '../../core/keys/base62.ts';
import { digestOf } from '../../core/keys/digest.ts';
import { newKey, PREFIX_LENGTH, type UnverifiedKey } from '../../core/keys/key.ts';
import type { EpochMs, KeyRecord, Metadata } from '../../core/keys/record.ts';
import type { CreateOutcome, Idempotency, RotateOutcome, StoredKey } from '../../storage/key-store.ts';
import { IdempotencyConflictError } from '../errors.ts';
import { viewOf, type KeyView } from '../view.ts';

/** A prefix is taken once in a very long while; five times in a row means that something is broken. */
const MAX_ATTEMPTS = 5;

/** What issuing a key answers. */
export interface IssuedKey<Attributes = Metadata> {
  /** The key, this once; `null` when a retried call finds that it has been issued before. */
  readonly key: string | null;
  readonly record: KeyView<Attributes>;
  readonly message: string;
}

export interface IssueRequest {
  readonly label: string;
  readonly randomBytes: RandomBytes;
  /** Names the call, so that a retry issues nothing new. */
  readonly idempotencyToken?: string | undefined;
  /** What the call asks for: a token must not be used again for something else. */
  readonly input: unknown;
  /** What the record holds beside the key. */
  readonly fields: Omit<KeyRecord, 'label' | 'prefix' | 'digest' | 'version'>;
}

export type Issue =
  | { readonly outcome: 'issued'; readonly key: UnverifiedKey; readonly record: KeyRecord }
  /** An earlier call with the same token has issued it. */
  | { readonly outcome: 'replayed'; readonly record: KeyRecord }
  /** The key to be replaced was written meanwhile. */
  | { readonly outcome: 'changed' };

/**
 * Makes a key and has it stored, under another prefix if the first is taken.
 *
 * With an idempotency token the prefix follows from the token, so a retry meets its own record: one
 * conditional write tells the two apart, no second item keeps the books, and the secret is still random.
 *
 * @param store writes the record, on its own or with the end of the key that it replaces
 * @throws {IdempotencyConflictError} if the token was used for something else
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
        // By this very write: its first answer was lost, and the client has sent it again.
        if (isSameKey(written.record, record)) return { outcome: 'issued', key, record: written.record };
        if (token !== undefined && wasIssuedBy(written.record, token, request.input)) {
          return { outcome: 'replayed', record: written.record };
        }
    }
  }
  throw new Error(`no free key prefix in ${String(MAX_ATTEMPTS)} attempts: the source of randomness is broken`);
}

/** The digest alone would do, if nobody's source of randomness were ever broken. */
function isSameKey(one: StoredKey, other: StoredKey): boolean {
  return one.digest === other.digest && one.createdAt === other.createdAt && one.name === other.name;
}

/** What a record keeps of the call that made it. */
function idempotencyOf(token: string, input: unknown): Idempotency {
  return { token: sha256(token), request: sha256(canonicalJson(input)) };
}

/**
 * Whether a record was made by this very call, tried before. The order of the input's fields makes no difference.
 *
 * @throws {IdempotencyConflictError} if the token was used for something else
 */
export function wasIssuedBy({ idempotency }: StoredKey, token: string, input: unknown): boolean {
  if (idempotency?.token !== sha256(token)) return false;
  // Version 0.1 stored the hash of the fields in the order in which they were sent.
  const requests = [canonicalJson(input), JSON.stringify(input)].map(sha256);
  if (!requests.includes(idempotency.request)) throw new IdempotencyConflictError();
  return true;
}

/** JSON with the fields of every object in the order of their names, so that equal values are equal texts. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_field, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : part,
  );
}

/** The one answer that holds a key. */
export function shownOnce(key: UnverifiedKey, record: KeyRecord, now: EpochMs): IssuedKey {
  const message = 'Store the key now: it is shown this once and cannot be recovered.';
  return { key: key.text, record: viewOf(record, now), message };
}

/** The answer to a retried call. */
export function shownBefore(record: KeyRecord, now: EpochMs): IssuedKey {
  const message =
    'This key was issued by an earlier call with the same idempotency token, and was shown then. Only its hash is stored: if it is lost, rotate it.';
  return { key: null, record: viewOf(record, now), message };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

/** An endless stream of bytes that follow from a seed. */
function bytesFrom(seed: string): RandomBytes {
  let block = 0;
  return (length) =>
    createHash('shake256', { outputLength: length })
      .update(`${seed}\n${String(block++)}`)
      .digest();
}
