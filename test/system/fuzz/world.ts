import { createHash } from 'node:crypto';
import { PutCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Counters } from '../../../src/core/limits/allowance.ts';
import { digestOf, tailDigestOf } from '../../../src/core/keys/digest.ts';
import { drfId, idOfDigest } from '../../../src/core/keys/imported-key.ts';
import { newKey } from '../../../src/core/keys/key.ts';
import type { Restrictions } from '../../../src/core/restrictions/restrictions.ts';
import { DynamoKeyStore } from '../../../src/storage/dynamo.ts';
import { toItem } from '../../../src/storage/item.ts';
import type { StoredKey } from '../../../src/storage/key-store.ts';
import { LIMITS_KEY_ATTRIBUTE } from '../../../src/rate-limit/limits-table.ts';

export interface Table {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
}

export const LABEL = 'lk_fuzz';
const OTHER_LABEL = 'lk_other';

/** A key that was issued. */
export interface IssuedKey {
  readonly text: string;
  readonly prefix: string;
  /**
   * Only `live` keys are allowed, in a deployment that accepts their format. `damaged`: the record was edited by hand.
   * `foreign`: a key of another deployment.
   */
  readonly standing: 'live' | 'disabled' | 'ended' | 'not begun' | 'damaged' | 'foreign';
  /** Its only route scope. Without one, the key can call the whole stage. */
  readonly scope?: string;
  /** Its restrictions. */
  readonly restrictions?: Restrictions;
  /** Whether its owner is suspended. */
  readonly suspended: boolean;
  /** Whether its quota is used up. */
  readonly usedUp: boolean;
  /** Allowed only by deployments that accept imported keys. */
  readonly imported: boolean;
  /** The secret part: the whole key, or for a prefixed-api-key the part after the last underscore. */
  readonly counts: 'all' | 'tail';
}

/** The same bytes in every run, so that kept cases always refer to the same keys. */
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
  // Recorded far in the future, so that the authorizer doesn't update it.
  lastUsedAt: Date.UTC(9999, 1),
  ...fields,
});

interface Inhabitant {
  readonly key: IssuedKey;
  readonly record: StoredKey;
}

type Fate = Partial<Pick<IssuedKey, 'standing' | 'suspended' | 'usedUp'>>;

function inhabitant(
  name: string,
  { standing = 'live', suspended = false, usedUp = false, label, ...fields }: Partial<StoredKey> & Fate = {},
): Inhabitant {
  const { text, prefix } = own(name, label);
  const scope = fields.scopes?.find((one) => one.includes(' '));
  const { restrictions } = fields;
  const key: IssuedKey = {
    ...{ text, prefix, standing, suspended, usedUp, imported: false, counts: 'all' },
    ...(scope !== undefined && { scope }),
    ...(restrictions !== undefined && { restrictions }),
  };
  return { key, record: basic(text, prefix, { ...fields, ...(label !== undefined && { label }) }) };
}

function imported(text: string, prefix: string, fields: Partial<StoredKey>): Inhabitant {
  const counts = fields.importedFrom === 'prefixed-api-key' ? 'tail' : 'all';
  return {
    key: { text, prefix, standing: 'live', suspended: false, usedUp: false, imported: true, counts },
    record: basic(text, prefix, fields),
  };
}

const SUSPENDED_OWNER = 'acme';
const RESUMED_OWNER = 'umbrella';

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
  inhabitant('revoked', { standing: 'ended', revokedAt: 2 }),
  inhabitant('disabled', { standing: 'disabled', disabledAt: 2 }),
  inhabitant('whose disabling is a text', { standing: 'damaged', disabledAt: '9999' as unknown as number }),
  inhabitant('expired', { standing: 'ended', expiresAt: 2 }),
  inhabitant('of another kind', { standing: 'foreign', label: OTHER_LABEL }),
  inhabitant('whose digest is damaged', { standing: 'damaged', digest: 'sha256$damaged' }),
  inhabitant('whose revocation is a text', { standing: 'damaged', revokedAt: '9999' as unknown as number }),
  inhabitant('that has not begun', { standing: 'not begun', notBefore: Date.UTC(9999, 1) }),
  inhabitant("with another key's digest", { standing: 'damaged', digest: digestOf(own('whole stage').text) }),
  inhabitant('with a named scope', { scopes: ['orders:write'] }),
  inhabitant('with a named scope and a route', { scopes: ['orders:write', 'GET /orders/*'] }),
  inhabitant('for some addresses', { restrictions: { sourceIps: ['192.0.2.0/25', '2001:db8::/33', '198.51.100.7'] } }),
  inhabitant('for some pages', { restrictions: { origins: ['https://app.example.com', 'https://*.shop.example'] } }),
  inhabitant('for a stage', { restrictions: { stages: ['prod'] } }),
  inhabitant('for an address, a page and a stage', {
    scopes: ['GET /orders/*'],
    restrictions: { sourceIps: ['192.0.2.7'], origins: ['https://app.example.com'], stages: ['prod'] },
  }),
  inhabitant('whose restrictions are strings', {
    standing: 'damaged',
    restrictions: { sourceIps: '0.0.0.0/0' } as unknown as Restrictions,
  }),
  inhabitant('with an unknown restriction', {
    standing: 'damaged',
    restrictions: { weekdays: ['monday'] } as Restrictions,
  }),
  inhabitant('of a suspended owner', { suspended: true, ownerId: SUSPENDED_OWNER }),
  inhabitant('of an owner that was resumed', { ownerId: RESUMED_OWNER }),
  inhabitant('with limits', { limits: { rate: '10000/s', quota: '999999999999/month' } }),
  inhabitant('whose quota is used up', { usedUp: true, limits: { quota: '1/month' } }),
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

/** All issued keys, regardless of their status. */
export const ISSUED: readonly IssuedKey[] = INHABITANTS.map(({ key }) => key);

/** Well-formed keys that were never issued: an unknown prefix, and known prefixes with other secrets. */
export const FORGED: readonly string[] = [
  own('never issued').text,
  ...ISSUED.filter(({ imported: moved }) => !moved).map(
    ({ prefix }) => newKey({ label: LABEL, prefix, randomBytes: bytesOf(`forged ${prefix}`) }).text,
  ),
];

/** Stores all keys and owners in a table. */
export async function settle(table: Table): Promise<void> {
  const store = new DynamoKeyStore({ ...table, retentionSeconds: 1000 });
  for (const { record } of INHABITANTS) await store.create(record);
  for (const ownerId of [SUSPENDED_OWNER, RESUMED_OWNER])
    await store.suspendOwner({ label: LABEL, ownerId, by: 'fuzz', at: 2 }, 'unpaid');
  await store.resumeOwner({ label: LABEL, ownerId: RESUMED_OWNER, by: 'fuzz', at: 3 });
}

/** Restores keys to their original state. */
export async function restore({ client, tableName }: Table, prefixes: readonly string[]): Promise<void> {
  for (const { record } of INHABITANTS.filter(({ key }) => prefixes.includes(key.prefix)))
    await client.send(new PutCommand({ TableName: tableName, Item: toItem(record, 1000) }));
}

/** Exhausts the quotas that count as used up. */
export async function useUp({ client, tableName }: Table): Promise<void> {
  for (const { prefix } of ISSUED.filter(({ usedUp }) => usedUp)) {
    const counters: Counters = { quotaFrom: Date.UTC(9999, 1), used: 1 };
    await client.send(new PutCommand({ TableName: tableName, Item: { [LIMITS_KEY_ATTRIBUTE]: prefix, ...counters } }));
  }
}
