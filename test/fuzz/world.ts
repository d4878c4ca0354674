import { createHash } from 'node:crypto';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { digestOf, tailDigestOf } from '../../functions/domain/digest.ts';
import { drfId, idOfDigest } from '../../functions/domain/imported-key.ts';
import { newKey } from '../../functions/domain/key.ts';
import { DynamoKeyStore } from '../../functions/store/dynamo.ts';
import type { StoredKey } from '../../functions/store/key-store.ts';

export const LABEL = 'lk_fuzz';
const OTHER_LABEL = 'lk_other';

/** A key that somebody was given once. */
export interface IssuedKey {
  readonly text: string;
  readonly prefix: string;
  /** Whether it opens anything, in a deployment that takes its kind. */
  readonly live: boolean;
  /** Its one scope; none: the whole stage. */
  readonly scope?: string;
  /** Opened only where imported keys are taken. */
  readonly imported: boolean;
  /** All of it counts; of a prefixed-api-key only what follows the last underscore. */
  readonly counts: 'all' | 'tail';
}

/** Bytes that are the same in every run: a saved case goes on meaning the same keys. */
function bytesOf(seed: string): (length: number) => Uint8Array {
  let block = 0;
  return (length) =>
    createHash('shake256', { outputLength: length })
      .update(`${seed} ${String(block++)}`)
      .digest();
}

const own = (name: string, label = LABEL) => newKey({ label, randomBytes: bytesOf(name) });
const basic = (text: string, prefix: string, fields: Partial<StoredKey>): StoredKey => ({
  ...{
    prefix,
    label: LABEL,
    digest: digestOf(text),
    name: 'a key',
    scopes: [],
    metadata: {},
    createdAt: 1,
    version: 1,
  },
  // Noted long from now: the authorizer need not note it again.
  lastUsedAt: Date.UTC(9999, 1),
  ...fields,
});

interface Inhabitant {
  readonly key: IssuedKey;
  readonly record: StoredKey;
}

function inhabitant(
  name: string,
  { live = true, label, ...fields }: Partial<StoredKey> & { live?: boolean } = {},
): Inhabitant {
  const { text, prefix } = own(name, label);
  const [scope] = fields.scopes ?? [];
  const key = { text, prefix, live, imported: false, counts: 'all', ...(scope !== undefined && { scope }) } as const;
  return { key, record: basic(text, prefix, { ...fields, ...(label !== undefined && { label }) }) };
}

function imported(text: string, prefix: string, fields: Partial<StoredKey>): Inhabitant {
  const counts = fields.importedFrom === 'prefixed-api-key' ? 'tail' : 'all';
  return { key: { text, prefix, live: true, imported: true, counts }, record: basic(text, prefix, fields) };
}

const DRF_TEXT = 'aZ3kLm9P.Qw8eRt5yUi2oPa7sDf4gHj1kLz6xCv3b';
const UNKEY_TEXT = 'acme_3ZcP7vKq9LmN4xRt8WyB2dFg';
const PREFIXED_TEXT = 'acme_Ab3dEf6h_J7kLm2nP9qRs4tUv8wXy1zAb';
const GATEWAY_TEXT = 'k3y-of-api-gateway/with+signs=and.dots';
const PLAIN_TEXT = 'only sixteen at least'.replaceAll(' ', '~');

const INHABITANTS: readonly Inhabitant[] = [
  inhabitant('whole stage'),
  inhabitant('with a scope', { scopes: ['GET /orders/*'] }),
  inhabitant('with every field', {
    name: 'Ключ ∑ \u{1f511}',
    ownerId: 'owner#1',
    metadata: { plan: 'pro', constructor: 'x', seats: 5 },
    expiresAt: Date.UTC(9999, 11, 31),
  }),
  inhabitant('revoked', { live: false, revokedAt: 2 }),
  inhabitant('expired', { live: false, expiresAt: 2 }),
  inhabitant('of another kind', { live: false, label: OTHER_LABEL }),
  inhabitant('whose digest is damaged', { live: false, digest: 'sha256$damaged' }),
  inhabitant('whose revocation is a text', { live: false, revokedAt: '9999' as unknown as number }),
  inhabitant('that has not begun', { live: false, notBefore: Date.UTC(9999, 1) }),
  inhabitant("with another key's digest", { live: false, digest: digestOf(own('whole stage').text) }),
  imported(DRF_TEXT, drfId(DRF_TEXT.slice(0, 8)), {
    importedFrom: 'drf',
    digest: `sha512$$${createHash('sha512').update(DRF_TEXT).digest('hex')}`,
  }),
  imported(PREFIXED_TEXT, idOfDigest(tailDigestOf(PREFIXED_TEXT)), {
    importedFrom: 'prefixed-api-key',
    digest: tailDigestOf(PREFIXED_TEXT),
  }),
  ...([UNKEY_TEXT, GATEWAY_TEXT, PLAIN_TEXT] as const).map((text) =>
    imported(text, idOfDigest(digestOf(text)), { importedFrom: 'sha256' }),
  ),
];

/** Everything that was ever issued, dead or alive. */
export const ISSUED: readonly IssuedKey[] = INHABITANTS.map(({ key }) => key);

/** Well-formed, and nobody's: an unknown prefix, and known prefixes with other secrets. */
export const FORGED: readonly string[] = [
  own('never issued').text,
  ...ISSUED.filter(({ imported: moved }) => !moved).map(
    ({ prefix }) => newKey({ label: LABEL, prefix, randomBytes: bytesOf(`forged ${prefix}`) }).text,
  ),
];

/** Puts every inhabitant into a table. */
export async function settle(table: { tableName: string; client: DynamoDBDocumentClient }): Promise<void> {
  const store = new DynamoKeyStore({ ...table, retentionSeconds: 1000 });
  for (const { record } of INHABITANTS) await store.create(record);
}
