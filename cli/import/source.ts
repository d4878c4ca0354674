import type { ImportedFormat } from '../../src/core/keys/imported-key.ts';
import type { PortableKey } from '../../src/management/portable.ts';
import type { Format } from './read-rows.ts';

/** The result of reading a row. */
export type Reading =
  | {
      readonly key: PortableKey;
      /** The lost data: data that Latchkey can't store, or that is missing from the row. */
      readonly without: readonly string[];
    }
  | {
      /** Why the row can't be imported. */
      readonly problem: string;
    };

/** The options for reading a row. */
export interface ReadingOptions {
  /** The scopes of keys that have none, or whose permissions Latchkey can't express. */
  readonly scopes: readonly string[];
  /** Whether keys can be imported without scopes. */
  readonly allowUnscoped: boolean;
  /** The column with the owner's id, if it is not the issuer's usual one. */
  readonly ownerField?: string | undefined;
  /** The formats of keys that the deployment accepts. */
  readonly importedFormats: readonly ImportedFormat[];
  /** The time of the import, in ISO 8601. */
  readonly now: string;
}

/** The problem of a key without scopes. */
export const UNSCOPED =
  'it has no scopes, so it could call every route; use --scope, or --allow-unscoped to import it anyway';

/** Reads a row of an issuer's keys. */
export type Source = (fields: Readonly<Record<string, unknown>>, options: ReadingOptions, format: Format) => Reading;
