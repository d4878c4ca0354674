import type { OwnerRecord } from '../core/keys/owner.ts';
import type { StoredKey } from './key-store.ts';
import { nameKey, ownerKey } from './table.ts';

/** An item as lib-dynamodb gives and takes it. */
export type Item = Record<string, unknown>;

/** A record as an item: the record itself, and what the indexes and TTL need. */
export function toItem(record: StoredKey, retentionSeconds: number): Item {
  return {
    ...record,
    nameKey: nameKey(record.name),
    ownerKey: record.ownerId === undefined ? undefined : ownerKey(record.label, record.ownerId),
    ttl: ttlOf(record, retentionSeconds),
  };
}

/** An item as a record. Its field types are taken on trust here; {@link decide} checks those that it decides by. */
export function fromItem(item: Item): StoredKey {
  const { nameKey: _nameKey, ownerKey: _ownerKey, ttl: _ttl, ...record } = item;
  return record as unknown as StoredKey;
}

/** An owner's item as a record. Its field types are taken on trust: {@link isSuspended} asks for none. */
export function ownerFromItem(item: Item): OwnerRecord {
  const { prefix: _key, ownerLabel, ttl: _ttl, ...record } = item;
  return { label: ownerLabel, ...record } as unknown as OwnerRecord;
}

/** When TTL may remove a key, in seconds since the epoch: a retention after its end. A key without an end stays. */
export function ttlOf(
  record: { expiresAt?: number | undefined; revokedAt?: number | undefined },
  retentionSeconds: number,
): number | undefined {
  const end = record.revokedAt ?? record.expiresAt;
  return end === undefined ? undefined : Math.ceil(end / 1000) + retentionSeconds;
}
