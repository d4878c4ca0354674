import type { OwnerRecord } from '../core/keys/owner.ts';
import type { StoredKey } from './key-store.ts';
import { nameKey, ownerKey } from './table.ts';

/** An item in the form of lib-dynamodb. */
export type Item = Record<string, unknown>;

/**
 * Returns a record as an item: the record itself, and the attributes of the indexes and TTL.
 *
 * `usageId` is stored as `u`. The largest record has seven bytes left of the 4 KB that DynamoDB reads for half a read
 * unit, and the name of an attribute counts.
 */
export function toItem({ usageId, ...record }: StoredKey, retentionSeconds: number): Item {
  return {
    ...record,
    u: usageId,
    nameKey: nameKey(record.name),
    ownerKey: record.ownerId === undefined ? undefined : ownerKey(record.label, record.ownerId),
    ttl: ttlOf(record, retentionSeconds),
  };
}

/** Returns an item as a record. Does not check the types of its fields: {@link decide} checks those that it depends on. */
export function fromItem(item: Item): StoredKey {
  const { nameKey: _nameKey, ownerKey: _ownerKey, ttl: _ttl, u: usageId, ...record } = item;
  if (usageId !== undefined) record['usageId'] = usageId;
  return record as unknown as StoredKey;
}

/** Returns an owner's item as a record. Does not check the types of its fields: {@link isSuspended} depends on none. */
export function ownerFromItem(item: Item): OwnerRecord {
  const { prefix: _key, ownerLabel, ttl: _ttl, ...record } = item;
  return { label: ownerLabel, ...record } as unknown as OwnerRecord;
}

/**
 * Returns when TTL removes a key, in seconds since the epoch: the retention after it is revoked or expires. Returns
 * `undefined` for a key that neither is revoked nor expires.
 */
export function ttlOf(
  record: { expiresAt?: number | undefined; revokedAt?: number | undefined },
  retentionSeconds: number,
): number | undefined {
  const end = record.revokedAt ?? record.expiresAt;
  return end === undefined ? undefined : Math.ceil(end / 1000) + retentionSeconds;
}
