import type { ImportedFormat } from '../../src/core/keys/imported-key.ts';
import type { PortableKey } from '../../src/management/portable.ts';
import type { Format } from './read-rows.ts';

/** What becomes of a row. */
export type Reading =
  | {
      readonly key: PortableKey;
      /** What is lost: what Latchkey cannot hold, or what the row should have and has not. */
      readonly without: readonly string[];
    }
  | {
      /** Why the row cannot be imported. */
      readonly problem: string;
    };

/** What reading a row depends on, besides the row. */
export interface ReadingOptions {
  /** For keys that have no scopes, or whose own permissions Latchkey cannot express. */
  readonly scopes: readonly string[];
  /** Whether a key may be imported without scopes. */
  readonly allowUnscoped: boolean;
  /** The column with the owner's id, if it is not the issuer's usual one. */
  readonly ownerField?: string | undefined;
  /** The formats of keys that the deployment accepts. */
  readonly importedFormats: readonly ImportedFormat[];
  /** The time of the import, in ISO 8601. */
  readonly now: string;
}

/** What is wrong with a key that would be imported without scopes. */
export const UNSCOPED =
  'it has no scopes, so it could call every route; give --scope, or --allow-unscoped if that is what you want';

/** Reads one row of an issuer's keys. */
export type Source = (fields: Readonly<Record<string, unknown>>, options: ReadingOptions, format: Format) => Reading;
