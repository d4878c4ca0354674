import type { LimitName } from '../core/limits/allowance.ts';
import { fieldDefinition, fieldsWith, type DefinitionsOf, type FieldsWith } from '../core/keys/key-fields.ts';
import type { EpochMs, FieldValue, KeyRecord } from '../core/keys/record.ts';

/** The `source` of all events. */
export const EVENT_SOURCE = 'latchkey';

/** Changes when a field is removed or its meaning changes. New fields do not change it. */
const VERSION = '1';

const DAY_MS = 24 * 3_600_000;

type EventField = FieldsWith<{ readonly inEvents: true }>;
type RequiredField = FieldsWith<{ readonly required: true }>;
type EventValue<Name extends EventField> =
  Name extends FieldsWith<{ readonly type: 'time' }> ? string : FieldValue<Name>;

type RequiredValues = { readonly [Name in keyof DefinitionsOf<EventField & RequiredField>]: EventValue<Name> };
type OptionalValues = {
  readonly [Name in keyof DefinitionsOf<Exclude<EventField, RequiredField>>]?: EventValue<Name> | undefined;
};

/** The key that an event is about. Times are ISO 8601 in UTC. It has neither the key itself nor its digest. */
export interface EventKey extends RequiredValues, OptionalValues {
  /** The key's public prefix. */
  readonly keyId: string;
}

/** The fields whose change is reported as `API Key Updated`. */
export const TRACKED_FIELDS = fieldsWith({ tracked: true });
/** A field whose change is reported as `API Key Updated`. */
export type TrackedField = (typeof TRACKED_FIELDS)[number];

/** The `detail` of an event. */
export interface EventDetail<Data> {
  readonly metadata: {
    readonly version: typeof VERSION;
    /** Identifies the occurrence. It is the same when an event is delivered again. */
    readonly eventId: string;
    /** The time of the occurrence. For changes of a key, it is accurate to the second. */
    readonly occurredAt: string;
  };
  readonly data: Data & { readonly key: EventKey };
}

/** The details of each kind of event, by `detail-type`. */
export interface KeyEventDetails {
  'API Key Created': EventDetail<object>;
  /** `changed` names the changed fields, and `key` has their new values. */
  'API Key Updated': EventDetail<{ readonly changed: readonly TrackedField[] }>;
  /** `key` is the old key, which stops working at `endsAt`. The new key has a separate `API Key Created` event. */
  'API Key Rotated': EventDetail<{ readonly replacedBy: string; readonly endsAt: string }>;
  'API Key Disabled': EventDetail<{
    readonly disabledAt: string;
    readonly reason?: string | undefined;
    readonly by?: string | undefined;
  }>;
  /** A disabled key was enabled. */
  'API Key Enabled': EventDetail<object>;
  'API Key Revoked': EventDetail<{ readonly revokedAt: string; readonly reason?: string | undefined }>;
  /** The key expires in `noticeDays` days. */
  'API Key Expiring': EventDetail<{ readonly expiresAt: string; readonly noticeDays: number }>;
  'API Key Expired': EventDetail<{ readonly expiresAt: string }>;
  /** The record was removed, usually at the end of the retention period. */
  'API Key Deleted': EventDetail<object>;
  /** Sent for the first request that exceeds `allowed` in the window from `from` to `until`. */
  'API Key Limit Reached': EventDetail<{
    readonly limit: LimitName;
    /** Such as `1000/month`. */
    readonly allowed: string;
    readonly from: string;
    readonly until: string;
  }>;
}

/** The `detail-type` of the event for a rotation of a secret that failed or is overdue. */
export const ROTATION_FAILED = 'API Key Rotation Failed';

/** The `detail` of the event {@link ROTATION_FAILED}, which is about a secret of a `KeySecret`. */
export interface RotationFailedDetail extends Pick<EventDetail<object>, 'metadata'> {
  readonly data: RotationFailure;
}

/** A rotation that failed or is overdue. */
export interface RotationFailure {
  /** The ARN of the secret. */
  readonly secretId: string;
  readonly secretName: string;
  /** The step that failed, or `check` for the daily check. */
  readonly step: string;
  /** The stable code of the reason. See docs/keys-in-secrets-manager.md. */
  readonly code: string;
}

/** Returns the `detail` of a failed rotation. Each attempt that fails is an occurrence. */
export function rotationFailedDetail(data: RotationFailure, at: EpochMs): RotationFailedDetail {
  const occurredAt = new Date(at).toISOString();
  const eventId = `${data.secretName}/${data.step}/${occurredAt}`;
  return { metadata: { version: VERSION, eventId, occurredAt }, data };
}

/** The `detail-type` of an event about a key. */
export type KeyEventType = keyof KeyEventDetails;

/** An event on the bus. */
export type KeyEvent = {
  [Type in KeyEventType]: { readonly type: Type; readonly detail: KeyEventDetails[Type] };
}[KeyEventType];

/** A change of a key's record. */
export interface KeyChange {
  /** Identifies the change. It is the same if the change is delivered again. */
  readonly id: string;
  readonly before?: KeyRecord | undefined;
  readonly after?: KeyRecord | undefined;
  readonly at: EpochMs;
}

/** A limit of a key that was exceeded in the window from `from` to `until`. */
export interface LimitReached {
  /** The key whose request was the first one rejected. */
  readonly keyId: string;
  readonly limit: LimitName;
  /** The limit, such as `1000/month`. */
  readonly allowed: string;
  readonly from: EpochMs;
  readonly until: EpochMs;
  readonly at: EpochMs;
}

/** Returns the events of a change. A change that only records a use has none. */
export function eventsOfChange({ id, before, after, at }: KeyChange): KeyEvent[] {
  if (after === undefined) return before === undefined ? [] : eventsOfRemoval(id, before, at);
  const key = eventKeyOf(after);
  if (before === undefined) return [event('API Key Created', id, at, { key })];

  const events: KeyEvent[] = [];
  const rotated = after.replacedBy !== undefined && before.replacedBy === undefined;
  if (rotated) {
    const endsAt = iso(after.expiresAt ?? at);
    events.push(event('API Key Rotated', id, at, { key, replacedBy: after.replacedBy, endsAt }));
  }
  if (after.disabledAt !== undefined && before.disabledAt === undefined) {
    const { disabledAt, disabledReason: reason, disabledBy: by } = after;
    const data = { key, disabledAt: iso(disabledAt), ...(reason && { reason }), ...(by && { by }) };
    events.push(event('API Key Disabled', id, at, data));
  }
  // A revocation also ends that a key is disabled.
  if (after.disabledAt === undefined && before.disabledAt !== undefined && after.revokedAt === undefined)
    events.push(event('API Key Enabled', id, at, { key }));
  if (after.revokedAt !== undefined && before.revokedAt === undefined) {
    const reason = after.revokedReason;
    events.push(event('API Key Revoked', id, at, { key, revokedAt: iso(after.revokedAt), ...(reason && { reason }) }));
  }
  const changed = TRACKED_FIELDS.filter(
    // The expiry that a rotation sets is in the event of the rotation.
    (field) => !(rotated && field === 'expiresAt') && canonical(before[field]) !== canonical(after[field]),
  );
  if (changed.length > 0) events.push(event('API Key Updated', id, at, { key, changed }));
  return events;
}

/**
 * Returns the events of a removed record. With a retention shorter than the interval of the expiry announcements, a key can
 * be removed before its expiry is announced, so this announces it.
 */
function eventsOfRemoval(id: string, record: KeyRecord, at: EpochMs): KeyEvent[] {
  const { revokedAt, expiresAt = Infinity } = record;
  const justExpired = revokedAt === undefined && expiresAt <= at && at - expiresAt < DAY_MS;
  return [
    ...(justExpired ? [expiryEvent(record, expiresAt, 0)] : []),
    event('API Key Deleted', id, at, { key: eventKeyOf(record) }),
  ];
}

/**
 * Returns the event of an expiry.
 *
 * @param noticeDays how many days before the expiry the event is sent; 0 for a key that has expired
 */
export function expiryEvent(record: KeyRecord, expiresAt: EpochMs, noticeDays: number): KeyEvent {
  const data = { key: eventKeyOf(record), expiresAt: iso(expiresAt) };
  if (noticeDays === 0) return event('API Key Expired', data.expiresAt, expiresAt, data);
  const occurrence = `${data.expiresAt}/${String(noticeDays)}d`;
  return event('API Key Expiring', occurrence, expiresAt - noticeDays * DAY_MS, { ...data, noticeDays });
}

/** Returns the event of an exceeded limit. */
export function limitEvent(record: KeyRecord, { limit, allowed, from, until, at }: LimitReached): KeyEvent {
  const data = { key: eventKeyOf(record), limit, allowed, from: iso(from), until: iso(until) };
  return event('API Key Limit Reached', `${limit}/${allowed}/${data.from}`, at, data);
}

function event<Type extends KeyEventType>(
  type: Type,
  occurrence: string,
  at: EpochMs,
  data: KeyEventDetails[Type]['data'],
): { type: Type; detail: EventDetail<KeyEventDetails[Type]['data']> } {
  const kind = type.slice('API Key '.length).toLowerCase().replaceAll(' ', '-');
  const eventId = `${data.key.keyId}/${kind}/${occurrence}`;
  return { type, detail: { metadata: { version: VERSION, eventId, occurredAt: iso(at) }, data } };
}

const EVENT_FIELDS = fieldsWith({ inEvents: true });

function eventKeyOf(record: KeyRecord): EventKey {
  const fields = Object.fromEntries(EVENT_FIELDS.map((name) => [name, eventValueOf(record, name)]));
  // The entries are those of `EventKey`, one for each name.
  return { keyId: record.prefix, ...(fields as unknown as Omit<EventKey, 'keyId'>) };
}

/** @throws {RangeError} if a damaged record has a time that is not a number */
function eventValueOf(record: KeyRecord, name: EventField): unknown {
  const { type, required = false } = fieldDefinition(name);
  const value = record[name];
  return type === 'time' && (required || value !== undefined) ? iso(value as EpochMs) : value;
}

/** Returns a string that is equal for equal values. DynamoDB does not keep the order of the fields of a map. */
function canonical(value: unknown): string | undefined {
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
  return JSON.stringify(isMap ? Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)) : value);
}

function iso(time: EpochMs): string {
  return new Date(time).toISOString();
}
