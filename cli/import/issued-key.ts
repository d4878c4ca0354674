import type { PortableKey } from '../../src/management/portable.ts';
import { fittingMetadata, fittingName } from './fields.ts';
import { UNSCOPED, type Reading, type ReadingOptions } from './source.ts';

/** The data that issuers store about a key, with different field names. */
export interface IssuedRow {
  readonly name?: string | undefined;
  /** The name of a key that has no name. */
  readonly nameless: string;
  readonly ownerId: string | undefined;
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  /** Whether the key is enabled. A disabled key is imported as disabled, and can be enabled later. */
  readonly enabled: boolean;
  /** Whether the key is revoked permanently. @default false */
  readonly revoked?: boolean;
  readonly createdAt: string;
  readonly expiresAt?: string | undefined;
  readonly lastUsedAt?: string | undefined;
  /** The number of remaining uses, if it is limited. */
  readonly remaining?: number | undefined;
  /** Whether it has permissions, roles or similar. */
  readonly hasPermissions?: boolean;
  /** Other data of the key, which Latchkey can't store. */
  readonly also?: readonly string[];
}

/** Converts a row to a key, or returns why it can't be imported. An imported key must not be allowed more than at its issuer. */
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
      ...(row.revoked === true && { revokedAt: now, revokedReason: 'revoked before it was imported' }),
      ...(row.enabled ? {} : { disabledAt: now, disabledReason: 'disabled before it was imported' }),
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
