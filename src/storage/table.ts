/**
 * THE schema. The construct, the local server and the store all take it from here.
 *
 * | attribute | what | who reads it |
 * | --- | --- | --- |
 * | `prefix` | partition key | one GetItem per decision |
 * | `ttl` | seconds since the epoch; clean-up only | DynamoDB |
 * | `ownerKey`, `nameKey` | composed for the indexes below | listing |
 * | `u` | `usageId` of the {@link KeyRecord}, under a short name to save bytes | |
 * | the rest | the other fields of the record, unchanged | |
 *
 * One item a label is no key and has no `label`, so no index has it: where the look-out for expiring keys is, at
 * {@link lookOutKey}.
 * Beside the keys there is an item for each owner that has ever been suspended, under {@link ownerItemKey}: an
 * {@link OwnerRecord}, with its label as `ownerLabel`. Without the attribute `label` it is in no index, and no key.
 *
 * The indexes hold what a listing filters by and no more. In particular not `lastUsedAt`: writing it must not
 * write them too. A page of a list is one query of an index and one batch read of the table, so what it shows
 * is never older than the table.
 */
export const KEY_ATTRIBUTE = 'prefix';
export const TTL_ATTRIBUTE = 'ttl';

export interface IndexSchema {
  readonly name: string;
  readonly partitionKey: string;
  readonly sortKey: { readonly name: 'createdAt' | 'nameKey' | 'expiresAt'; readonly type: 'S' | 'N' };
  /** Attributes that the filters of a list need, beside the keys. */
  readonly projection: readonly string[];
}

/** All keys of a label, by creation. */
export const BY_CREATION: IndexSchema = {
  name: 'byCreation',
  partitionKey: 'label',
  sortKey: { name: 'createdAt', type: 'N' },
  projection: ['nameKey', 'expiresAt', 'revokedAt'],
};

/** An owner's keys of a label, by creation. */
export const BY_OWNER: IndexSchema = {
  name: 'byOwner',
  partitionKey: 'ownerKey',
  sortKey: { name: 'createdAt', type: 'N' },
  projection: ['nameKey', 'expiresAt', 'revokedAt'],
};

/** All keys of a label, by name in lower case. */
export const BY_NAME: IndexSchema = {
  name: 'byName',
  partitionKey: 'label',
  sortKey: { name: 'nameKey', type: 'S' },
  projection: ['expiresAt', 'revokedAt'],
};

/** The keys of a label that have an end, by when it is. A key without one is not in it and costs it nothing. */
export const BY_EXPIRY: IndexSchema = {
  name: 'byExpiry',
  partitionKey: 'label',
  sortKey: { name: 'expiresAt', type: 'N' },
  projection: ['revokedAt'],
};

/** Those that lists need. */
export const LIST_INDEXES: readonly IndexSchema[] = [BY_CREATION, BY_OWNER, BY_NAME];

export const INDEXES: readonly IndexSchema[] = [...LIST_INDEXES, BY_EXPIRY];

/** The partition key of the item that says how far a label's expiries have been told. Prefixes hold no `#`. */
export function lookOutKey(label: string): string {
  return `#expiries#${label}`;
}

/** The value of `ownerKey`: labels hold no `#`, so two labels' owners never meet. */
export function ownerKey(label: string, ownerId: string): string {
  return `${label}#${ownerId}`;
}

/** The partition key of an owner's own item: keys' ids hold no `#`, so none is ever taken for it. */
export function ownerItemKey(label: string, ownerId: string): string {
  return `owner#${ownerKey(label, ownerId)}`;
}

/**
 * The value of `nameKey`. A search by name ignores case, and whether an accented letter is one code point or a letter with
 * a combining mark (Unicode NFC and NFD): macOS, for one, writes the latter.
 */
export function nameKey(name: string): string {
  // Lower case can decompose what NFC has composed, such as `İ`.
  return name.normalize('NFC').toLowerCase().normalize('NFC');
}
