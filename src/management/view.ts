import { fieldDefinition, fieldsWith, type DefinitionsOf, type FieldsWith } from '../core/keys/key-fields.ts';
import {
  statusOf,
  type EpochMs,
  type FieldValue,
  type KeyRecord,
  type KeyStatus,
  type Metadata,
} from '../core/keys/record.ts';

type ShownField = FieldsWith<{ readonly shown: true }>;
type RequiredField = FieldsWith<{ readonly required: true }>;
type TimeField = FieldsWith<{ readonly type: 'time' }>;

/** A field's value in JSON: a time is an ISO 8601 string in UTC, and a missing value is `null`. */
type ShownValue<Name extends ShownField> =
  (Name extends TimeField ? string : FieldValue<Name>) | (Name extends RequiredField ? never : null);

type ShownFields = { readonly [Name in keyof DefinitionsOf<Exclude<ShownField, 'metadata'>>]: ShownValue<Name> };

/** A key as the operations return it: all fields of its record that can be shown, which excludes the digest. */
export interface KeyView<Attributes = Metadata> extends ShownFields {
  readonly metadata: Attributes;
  /** The status of the key. A key is `active` before its `notBefore` time, although the authorizer rejects it. */
  readonly status: KeyStatus;
}

const SHOWN_FIELDS = fieldsWith({ shown: true });

/** Returns a record as the operations return it, with its status at `now`. */
export function viewOf(record: KeyRecord, now: EpochMs): KeyView {
  const fields = Object.fromEntries(SHOWN_FIELDS.map((name) => [name, shown(record, name)]));
  // The entries are those of `ShownFields`, one for each name.
  return { ...(fields as unknown as ShownFields & Pick<KeyView, 'metadata'>), status: statusOf(record, now) };
}

/** @throws {RangeError} if a damaged record has a time that is not a number */
function shown(record: KeyRecord, name: ShownField): unknown {
  const { type, required = false } = fieldDefinition(name);
  const value = record[name];
  if (type === 'time' && required) return iso(value as EpochMs);
  return type === 'time' ? isoOrNull(value as EpochMs | undefined) : (value ?? null);
}

/** Returns a time in ISO 8601, or `null` for `undefined`. */
export function isoOrNull(time: EpochMs | undefined): string | null {
  return time === undefined ? null : iso(time);
}

function iso(time: EpochMs): string {
  return new Date(time).toISOString();
}
