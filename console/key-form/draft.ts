import type { Limits } from '../../src/core/limits/limits.ts';
import { KEY_FIELDS } from '../../src/core/keys/key-fields.ts';
import type { Metadata, MetadataValue } from '../../src/core/keys/record.ts';
import type { Restrictions } from '../../src/core/restrictions/restrictions.ts';
import { isNamedScope } from '../../src/core/scopes/scope.ts';
import type { KeyFields, KeyView } from '../api/keys.ts';
import { isMetadataValue, shown, splitMetadata, type AttributeField } from '../attributes/fields.ts';

/** The contents of the form. */
export interface KeyDraft {
  readonly name: string;
  readonly ownerId: string;
  readonly scopes: readonly ScopeDraft[];
  readonly expiry: ExpiryDraft;
  /** Empty for no plan. */
  readonly plan: string;
  readonly rate: string;
  readonly burst: string;
  readonly quota: string;
  /** Comma-separated, as are `sourceIps` and `origins`. */
  readonly stages: string;
  readonly sourceIps: string;
  readonly origins: string;
  /** A date or a duration from now. Empty if the key is valid immediately. */
  readonly notBefore: string;
  readonly attributes: Metadata;
  /** The metadata that the schema doesn't name. */
  readonly entries: readonly EntryDraft[];
}

export interface ScopeDraft {
  readonly method: string;
  /** The name, if the scope is a named scope. */
  readonly path: string;
}

const RESTRICTIONS = ['stages', 'sourceIps', 'origins'] as const;
export type RestrictionName = (typeof RESTRICTIONS)[number];

export type ExpiryDraft =
  | { readonly kind: 'never' | 'keep' }
  | { readonly kind: 'after'; readonly period: string }
  | { readonly kind: 'on'; readonly date: string };

/** A metadata entry that the schema doesn't name. */
export interface EntryDraft {
  readonly name: string;
  readonly type: EntryType;
  readonly value: string;
  /** An array or object that was written into the table by hand. It can be removed, but not changed. */
  readonly kept?: MetadataValue;
}

export const ENTRY_TYPES = ['string', 'number', 'boolean'] as const;
export type EntryType = (typeof ENTRY_TYPES)[number];

export const SCOPE_METHODS = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  '*',
  '$connect',
  'name',
] as const;
/** The route of WebSocket connections, which has no path. */
export const CONNECT = '$connect';
/** Stands for a named scope, such as `orders:write`. */
export const NAMED = 'name';

/** Returns the draft of a new key. By default it expires in 90 days. */
export function newDraft(attributes: readonly AttributeField[]): KeyDraft {
  const initial = attributes.flatMap(({ name, initial }) => (initial === undefined ? [] : [[name, initial] as const]));
  return {
    name: '',
    ownerId: '',
    scopes: [],
    expiry: { kind: 'after', period: '90d' },
    plan: '',
    rate: '',
    burst: '',
    quota: '',
    stages: '',
    sourceIps: '',
    origins: '',
    notBefore: '',
    attributes: Object.fromEntries(initial),
    entries: [],
  };
}

/** Returns the draft of an existing key, to change it. */
export function draftOf(key: KeyView, fields: readonly AttributeField[]): KeyDraft {
  const { attributes, rest } = splitMetadata(key.metadata, fields);
  return {
    name: key.name,
    ownerId: key.ownerId ?? '',
    scopes: key.scopes.map(scopeDraft),
    expiry: { kind: 'keep' },
    plan: key.plan ?? '',
    rate: key.limits?.rate ?? '',
    burst: key.limits?.burst === undefined ? '' : String(key.limits.burst),
    quota: key.limits?.quota ?? '',
    stages: (key.restrictions?.stages ?? []).join(', '),
    sourceIps: (key.restrictions?.sourceIps ?? []).join(', '),
    origins: (key.restrictions?.origins ?? []).join(', '),
    notBefore: key.notBefore ?? '',
    attributes,
    entries: Object.entries(rest).map(([name, value]) => entryDraft(name, value)),
  };
}

/** Returns a draft of a new key with the fields of an existing one. The expiry and start time are not copied. */
export function duplicateOf(key: KeyView, fields: readonly AttributeField[]): KeyDraft {
  const { expiry, notBefore } = newDraft(fields);
  return { ...draftOf(key, fields), name: copyOf(key.name), expiry, notBefore };
}

function copyOf(name: string): string {
  const suffix = ' (copy)';
  return `${name.slice(0, KEY_FIELDS.name.maxCharacters - suffix.length)}${suffix}`;
}

/** Returns the input of the operation `create`. */
export function creationOf(draft: KeyDraft): KeyFields {
  const { ownerId, plan, limits, restrictions, notBefore, ...fields } = fieldsOf(draft);
  const expires = expiryOf(draft.expiry);
  return {
    ...fields,
    ...(ownerId === undefined || ownerId === '' ? {} : { ownerId }),
    // `null` removes a field from an existing key. A new key doesn't have the field.
    plan: plan ?? undefined,
    limits: limits ?? undefined,
    restrictions: restrictions ?? undefined,
    notBefore: notBefore ?? undefined,
    expires: expires ?? undefined,
  };
}

/**
 * Returns the fields that differ from the draft with which the form was opened. The other fields are not sent, because the
 * server could reject them: for example, the key's plan may no longer exist.
 */
export function changesOf(draft: KeyDraft, opened: KeyDraft): KeyFields {
  const before: Readonly<Record<string, unknown>> = { ...fieldsOf(opened) };
  const changed = Object.entries(fieldsOf(draft)).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name]),
  );
  const expires = expiryOf(draft.expiry);
  return { ...Object.fromEntries(changed), ...(expires === undefined ? {} : { expires }) };
}

/** Returns every field of a draft except the expiry. `null` stands for a field that the key doesn't have. */
function fieldsOf(draft: KeyDraft): KeyFields {
  const { rate, burst, quota } = draft;
  const limits: Limits = {
    ...(rate.trim() === '' ? {} : { rate: rate.trim() }),
    // The server rejects a value that is not a number, and says what it accepts.
    ...(burst.trim() === '' ? {} : { burst: Number(burst) }),
    ...(quota.trim() === '' ? {} : { quota: quota.trim() }),
  };
  return {
    name: draft.name,
    ownerId: draft.ownerId.trim(),
    scopes: draft.scopes.map(scopeText),
    plan: draft.plan === '' ? null : draft.plan,
    limits: Object.keys(limits).length === 0 ? null : limits,
    restrictions: restrictionsOf(draft),
    notBefore: draft.notBefore.trim() === '' ? null : draft.notBefore.trim(),
    metadata: {
      ...draft.attributes,
      ...Object.fromEntries(draft.entries.map((entry) => [entry.name, entryValue(entry)])),
    },
  };
}

function restrictionsOf(draft: KeyDraft): Restrictions | null {
  const lists = RESTRICTIONS.map((name) => [name, listIn(draft[name])] as const).filter(([, list]) => list.length > 0);
  return lists.length === 0 ? null : Object.fromEntries(lists);
}

function listIn(text: string): string[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}

/** Returns `null` for a key that never expires, and `undefined` to keep the expiry. */
function expiryOf(expiry: ExpiryDraft): string | null | undefined {
  switch (expiry.kind) {
    case 'keep':
      return undefined;
    case 'never':
      return null;
    case 'after':
      return expiry.period;
    case 'on':
      return expiry.date;
  }
}

function scopeText({ method, path }: ScopeDraft): string {
  if (method === CONNECT) return CONNECT;
  return method === NAMED ? path.trim() : `${method} ${path.trim()}`;
}

function scopeDraft(scope: string): ScopeDraft {
  if (isNamedScope(scope)) return { method: NAMED, path: scope };
  if (scope === CONNECT) return { method: CONNECT, path: '' };
  const [method = '', path = ''] = scope.split(' ');
  return { method, path };
}

function entryDraft(name: string, value: MetadataValue): EntryDraft {
  if (!isMetadataValue(value)) return { name, type: 'string', value: shown(value), kept: value };
  const type = typeof value === 'number' ? 'number' : typeof value === 'boolean' ? 'boolean' : 'string';
  return { name, type, value: String(value) };
}

function entryValue({ type, value, kept }: EntryDraft): MetadataValue {
  if (kept !== undefined) return kept;
  if (type === 'number') return Number(value);
  return type === 'boolean' ? value === 'true' : value;
}

/** Returns the errors that the form finds before it calls the server, by field. */
export function draftErrors(draft: KeyDraft, attributes: readonly AttributeField[]): ReadonlyMap<string, string> {
  const errors = entryErrors(draft.entries, attributes);
  return draft.name.trim() === '' ? new Map([['name', 'Enter a name.'], ...errors]) : errors;
}

/**
 * Returns the errors that the server can't find, because it receives one value for each name. The fields are
 * `entries.<index>.name` and `entries.<index>.value`.
 */
function entryErrors(
  entries: readonly EntryDraft[],
  attributes: readonly AttributeField[],
): ReadonlyMap<string, string> {
  const errors = new Map<string, string>();
  for (const [index, { name, type, value }] of entries.entries()) {
    const attribute = attributes.find((one) => one.name === name);
    if (attribute !== undefined)
      errors.set(`entries.${String(index)}.name`, `Use the field "${attribute.label}" above.`);
    else if (entries.findIndex((one) => one.name === name) < index)
      errors.set(`entries.${String(index)}.name`, 'Another entry has this name. Use a different name.');
    if (type === 'number' && (value.trim() === '' || !Number.isFinite(Number(value))))
      errors.set(`entries.${String(index)}.value`, 'Enter a number.');
  }
  return errors;
}
