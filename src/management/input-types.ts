import type { DefinitionsOf, FieldsWith, SettableField } from '../core/keys/key-fields.ts';
import type { FieldValue, KeyStatus, Metadata } from '../core/keys/record.ts';

type TimeField = FieldsWith<{ readonly type: 'time' }>;
type RemovableField = FieldsWith<{ readonly removable: true }>;
type InputValue<Name extends SettableField> = Name extends TimeField ? string : FieldValue<Name>;

/** The fields whose type differs between inputs. `expiresAt` is called `expires` in the inputs. */
type Special = 'name' | 'metadata' | 'expiresAt';
type OptionalFields = {
  readonly [Name in keyof DefinitionsOf<Exclude<SettableField, Special>>]?: InputValue<Name> | undefined;
};
type ChangedFields = {
  readonly [Name in keyof DefinitionsOf<Exclude<FieldsWith<{ readonly updatable: true }>, Special>>]?:
    InputValue<Name> | (Name extends RemovableField ? null : never) | undefined;
};

/** Metadata is required if the deployment's attributes have a required field. */
type MetadataInput<Attributes> =
  Record<string, never> extends Attributes
    ? { readonly metadata?: Attributes | undefined }
    : { readonly metadata: Attributes };

/** The input of `create`. Times are durations from now such as `90d`, or ISO 8601 dates. */
export type CreateInput<Attributes = Metadata> = MetadataInput<Attributes> &
  OptionalFields & {
    readonly name: string;
    /** When the key expires. @default never */
    readonly expires?: string | undefined;
    /** Identifies this request, so that a retry does not create a second key. The key client sends a random one by default. */
    readonly idempotencyToken?: string | undefined;
  };

/** The input of `update`. `null` removes a value. Fields that are left out are not changed. */
export interface UpdateInput<Attributes = Metadata> extends ChangedFields {
  readonly name?: string | undefined;
  /** Fields to merge into the metadata; `null` removes a field. `null` instead of the object removes all metadata. */
  readonly metadata?:
    { readonly [Field in keyof Attributes]?: Attributes[Field] | null | undefined } | null | undefined;
  /** Replaces all metadata with `metadata`, instead of merging its fields. @default false */
  readonly replaceMetadata?: boolean | undefined;
  readonly expires?: string | null | undefined;
  /** The version that you read. If the key has a newer one, the update is rejected with `version_conflict`. */
  readonly version?: number | undefined;
}

/** The options of `rotate`. */
export interface RotateInput<Attributes = Metadata> {
  /** How long the old key keeps working, such as `24h`. @default it stops working immediately */
  readonly overlap?: string | undefined;
  /** When the new key expires. `null` for never. @default when the old key expires */
  readonly expires?: string | null | undefined;
  /**
   * All metadata of the new key. Required if the old key's metadata does not match the deployment's attributes.
   *
   * @default the old key's metadata
   */
  readonly metadata?: Attributes | undefined;
  /**
   * Whether to rotate a key that a `KeySecret` manages, although its secret keeps the old key.
   *
   * @default false, and the error `managed` for such a key
   */
  readonly force?: boolean | undefined;
  /** Identifies this request, so that a retry does not create a second key. The key client sends a random one by default. */
  readonly idempotencyToken?: string | undefined;
}

/** The options of `revoke`. */
export interface RevokeOptions {
  /** The reason, which is stored with the key. */
  readonly reason?: string | undefined;
  /**
   * Whether to flush the authorizer caches. With `false`, the stages stay `pending` until a later revocation flushes the
   * cached results of all keys.
   *
   * @default true
   */
  readonly flush?: boolean | undefined;
}

/** The options of `disable`. */
export interface DisableOptions extends RevokeOptions {
  /** Your name, which is stored with the key. Only for direct invocations: over HTTP, the principal is stored. */
  readonly by?: string | undefined;
}

/** The properties of a request to check a key against. Properties that are left out are not checked. */
export interface VerifyInput {
  /** Such as `GET /orders/1`. */
  readonly route?: string | undefined;
  readonly sourceIp?: string | undefined;
  /** Such as `https://app.example.com`. */
  readonly origin?: string | undefined;
  readonly stage?: string | undefined;
}

/** The options of `importKeys`. */
export interface ImportInput {
  /** Reports the result for each record without writing. @default false */
  readonly dryRun?: boolean | undefined;
  /** Imports keys that this deployment would reject, such as those on a plan that is not configured. @default false */
  readonly includeUnusable?: boolean | undefined;
}

/** Which keys to list. Filters that are left out match every key. */
export interface ListInput {
  readonly ownerId?: string | undefined;
  /** The start of a name. Case is ignored. */
  readonly name?: string | undefined;
  readonly status?: KeyStatus | undefined;
  /** The maximum number of keys per page, from 1 to 100. @default 50 */
  readonly limit?: number | undefined;
  /** The cursor of the previous page of the same query. */
  readonly cursor?: string | undefined;
}
