import type { ImportedFormat } from '../../functions/domain/imported-key.ts';
import type { PortableKey } from '../../functions/manage/portable.ts';

/** What becomes of a row. */
export type Reading =
  | {
      readonly key: PortableKey;
      /** What the key goes without: what Latchkey has no place for, or the row had to have and has not. */
      readonly without: readonly string[];
    }
  | {
      /** Why it cannot be carried. */
      readonly problem: string;
    };

/** What a reading depends on beside the row. */
export interface ReadingOptions {
  /** For keys that have none, or whose own permissions Latchkey cannot express. */
  readonly scopes: readonly string[];
  /** The column with the owner's id, where it is not the issuer's usual one. */
  readonly ownerField?: string | undefined;
  /** Whose keys the deployment takes. */
  readonly importedFormats: readonly ImportedFormat[];
  /** The time of the import, in ISO 8601. */
  readonly now: string;
}

/** Reads one row of an issuer's keys. */
export type Source = (fields: Readonly<Record<string, unknown>>, options: ReadingOptions) => Reading;
