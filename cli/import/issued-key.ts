import type { PortableKey } from '../../src/management/portable.ts';
import { fittingMetadata, fittingName } from './fields.ts';
import { UNSCOPED, type Reading, type ReadingOptions } from './source.ts';

/** What the services that issue keys store about one, each under its own names. */
export interface IssuedRow {
  readonly name?: string | undefined;
  /** What to call a key that has no name. */
  readonly nameless: string;
  readonly ownerId: string | undefined;
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  readonly enabled: boolean;
  readonly createdAt: string;
  readonly expiresAt?: string | undefined;
  readonly lastUsedAt?: string | undefined;
  /** How often it may still be used, where that is limited. */
  readonly remaining?: number | undefined;
  /** Permissions, roles and the like: whether it has any. */
  readonly hasPermissions?: boolean;
  /** What it also has, and Latchkey has no place for. */
  readonly also?: readonly string[];
}

/** Makes a key of a row, or says why not: a key must not be allowed more here than where it was issued. */
export function issuedKey(
  origin: Pick<PortableKey, 'prefix' | 'digest' | 'importedFrom'>,
  row: IssuedRow,
  { scopes, allowUnscoped, ownerField, now }: ReadingOptions,
): Reading {
  if (row.remaining === 0) return { problem: 'it has no uses left' };
  if (row.hasPermissions === true && scopes.length === 0)
    return {
      problem:
        'it has permissions, which Latchkey cannot turn into scopes; give --scope, and import keys with different permissions separately',
    };
  if (scopes.length === 0 && !allowUnscoped) return { problem: UNSCOPED };
  const { name, without: ofName } = fittingName(row.name, row.nameless);
  const { metadata, without: ofMetadata } = fittingMetadata(row.metadata ?? {});
  const { ownerId, createdAt, expiresAt, lastUsedAt } = row;
  return {
    key: {
      ...origin,
      name,
      ownerId,
      scopes: [...scopes],
      metadata,
      createdAt,
      expiresAt,
      lastUsedAt,
      ...(row.enabled ? {} : { revokedAt: now, revokedReason: 'disabled before it was imported' }),
    },
    without: [
      ...ofName,
      ...ofMetadata,
      ...(ownerField !== undefined && ownerId === undefined ? ['an owner'] : []),
      ...(row.remaining === undefined ? [] : ['its number of remaining uses']),
      ...(row.also ?? []),
    ],
  };
}
