import type { DefinitionsOf, FieldName, FieldsWith, KEY_FIELDS } from '../core/keys/key-fields.ts';
import type { FieldValue, MetadataValue } from '../core/keys/record.ts';
import type { Restrictions } from '../core/restrictions/restrictions.ts';

/** The values of the fields in JSON. They are mutable, so that callers can build a record step by step. */
interface PortableValues {
  time: string;
  scopes: string[];
  metadata: Record<string, MetadataValue>;
  restrictions: { -readonly [Kind in keyof Restrictions]: string[] | undefined };
}
type TypeOf<Name extends FieldName> = (typeof KEY_FIELDS)[Name]['type'];
/** The value of a field in the portable form. */
export type PortableValue<Name extends FieldName> =
  TypeOf<Name> extends keyof PortableValues ? PortableValues[TypeOf<Name>] : FieldValue<Name>;

/** The fields that every portable key has. */
export type PortableRequired = Exclude<
  FieldsWith<{ readonly required: true }>,
  FieldsWith<{ readonly importDefault: true }>
>;

type RequiredValues = { readonly [Name in keyof DefinitionsOf<PortableRequired>]: PortableValue<Name> };
type OptionalValues = {
  readonly [Name in keyof DefinitionsOf<Exclude<FieldName, PortableRequired>>]?: PortableValue<Name> | undefined;
};

/**
 * A key in the form that `export` returns and `import` accepts: all fields of its record, with times in ISO 8601. It
 * includes the digest, so that the imported key works, but never the key itself.
 *
 * An import can leave out `label` (the default is that of the deployment), `scopes` (none), `metadata` (the defaults of the
 * deployment's attributes), `version` (1) and `usageId` (2 for a key without `countsAs` and `replacedBy`).
 */
export interface PortableKey extends RequiredValues, OptionalValues {
  /** The idempotency token of the request that created the key, and the request itself; both are hashes. */
  readonly idempotency?: { token: string; request: string } | undefined;
}
