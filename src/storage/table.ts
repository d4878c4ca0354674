/**
 * The schema of the keys table. The construct, the local server and the store use it.
 *
 * | attribute | what | who reads it |
 * | --- | --- | --- |
 * | `prefix` | partition key | one GetItem per decision |
 * | `ttl` | seconds since the epoch; clean-up only | DynamoDB |
 * | `ownerKey`, `nameKey` | composed for the indexes below | listing |
 * | `u` | `usageId` of the {@link KeyRecord}, under a short name to save bytes | |
 * | the rest | the other fields of the record, unchanged | |
 *
 * The table also has an item for each label at {@link expiryPositionKey}, with the progress of the expiry announcements, and
 * an item for each owner that was ever suspended at {@link ownerItemKey}: an {@link OwnerRecord}, with its label as
 * `ownerLabel`. These items have no attribute `label`, so they are in no index.
 *
 * The indexes have only the attributes that a list filters by. They don't have `lastUsedAt`, so that writing it does not
 * write to them. A page of a list is one query of an index and one batch read of the table, so it is as recent as the table.
 */
export const KEY_ATTRIBUTE = 'prefix';
export const TTL_ATTRIBUTE = 'ttl';

export interface IndexSchema {
  readonly name: string;
  readonly partitionKey: string;
  readonly sortKey: { readonly name: 'createdAt' | 'nameKey' | 'expiresAt'; readonly type: 'S' | 'N' };
  /** The attributes that the filters of a list need, in addition to the keys. */
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

/** The keys of a label that expire, by expiry. Other keys are not in the index. */
export const BY_EXPIRY: IndexSchema = {
  name: 'byExpiry',
  partitionKey: 'label',
  sortKey: { name: 'expiresAt', type: 'N' },
  projection: ['revokedAt'],
};

/** The indexes that lists need. */
export const LIST_INDEXES: readonly IndexSchema[] = [BY_CREATION, BY_OWNER, BY_NAME];

export const INDEXES: readonly IndexSchema[] = [...LIST_INDEXES, BY_EXPIRY];

/** The partition key of the item with the progress of a label's expiry announcements. Prefixes have no `#`. */
export function expiryPositionKey(label: string): string {
  return `#expiries#${label}`;
}

/** The value of `ownerKey`. Labels have no `#`, so owners of different labels have different keys. */
export function ownerKey(label: string, ownerId: string): string {
  return `${label}#${ownerId}`;
}

/** The partition key of an owner's item. Key IDs have no `#`, so it is never the ID of a key. */
export function ownerItemKey(label: string, ownerId: string): string {
  return `owner#${ownerKey(label, ownerId)}`;
}

/**
 * The value of `nameKey`. A search by name ignores case, and whether an accented letter is one code point or a letter with
 * a combining mark (Unicode NFC and NFD): macOS, for one, writes the latter.
 */
export function nameKey(name: string): string {
  // Lower case can decompose a character that NFC has composed, such as `İ`.
  return name.normalize('NFC').toLowerCase().normalize('NFC');
}
