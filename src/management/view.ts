import type { Limits } from '../core/limits/limits.ts';
import type { Restrictions } from '../core/restrictions/restrictions.ts';
import { statusOf, type EpochMs, type KeyRecord, type KeyStatus, type Metadata } from '../core/keys/record.ts';

/** A key as the management functions show it. Times are ISO 8601 in UTC; there is no digest in it. */
export interface KeyView<Attributes = Metadata> {
  readonly prefix: string;
  readonly label: string;
  readonly name: string;
  readonly status: KeyStatus;
  readonly ownerId: string | null;
  readonly scopes: readonly string[];
  readonly metadata: Attributes;
  readonly plan: string | null;
  /** The key's own limits; those of its plan hold where it has none. */
  readonly limits: Limits | null;
  readonly restrictions: Restrictions | null;
  readonly createdAt: string;
  /** Before this time it is not let in, whatever its status. */
  readonly notBefore: string | null;
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
  readonly revokedReason: string | null;
  readonly replacedBy: string | null;
  readonly rotatedFrom: string | null;
  readonly lastUsedAt: string | null;
  readonly importedFrom: string | null;
  readonly version: number;
}

/** Shows a record as it stands at `now`. */
export function viewOf(record: KeyRecord, now: EpochMs): KeyView {
  return {
    prefix: record.prefix,
    label: record.label,
    name: record.name,
    status: statusOf(record, now),
    ownerId: record.ownerId ?? null,
    scopes: record.scopes,
    metadata: record.metadata,
    plan: record.plan ?? null,
    limits: record.limits ?? null,
    restrictions: record.restrictions ?? null,
    createdAt: iso(record.createdAt),
    notBefore: isoOrNull(record.notBefore),
    expiresAt: isoOrNull(record.expiresAt),
    revokedAt: isoOrNull(record.revokedAt),
    revokedReason: record.revokedReason ?? null,
    replacedBy: record.replacedBy ?? null,
    rotatedFrom: record.rotatedFrom ?? null,
    lastUsedAt: isoOrNull(record.lastUsedAt),
    importedFrom: record.importedFrom ?? null,
    version: record.version,
  };
}

function iso(time: EpochMs): string {
  return new Date(time).toISOString();
}

/** A time as it is shown. */
export function isoOrNull(time: EpochMs | undefined): string | null {
  return time === undefined ? null : iso(time);
}
