import type { Limits } from '../../src/core/limits/limits.ts';
import type { Metadata, MetadataValue } from '../../src/core/keys/record.ts';
import type { Restrictions } from '../../src/core/restrictions/restrictions.ts';
import { isNamedScope } from '../../src/core/scopes/scope.ts';
import type { KeyFields, KeyView } from '../api/keys.ts';
import { isMetadataValue, shown, splitMetadata, type AttributeField } from '../attributes/fields.ts';

/** A key as it is being written in the form. */
export interface KeyDraft {
  readonly name: string;
  readonly ownerId: string;
  readonly scopes: readonly ScopeDraft[];
  readonly expiry: ExpiryDraft;
  /** Empty for none. */
  readonly plan: string;
  readonly rate: string;
  readonly burst: string;
  readonly quota: string;
  /** Each a list, its entries kept apart by commas. */
  readonly stages: string;
  readonly sourceIps: string;
  readonly origins: string;
  /** A date, or a duration from now; empty for from now on. */
  readonly notBefore: string;
  readonly attributes: Metadata;
  readonly facts: readonly FactDraft[];
}

export interface ScopeDraft {
  readonly method: string;
  /** Or the name, of a named scope. */
  readonly path: string;
}

const RESTRICTIONS = ['stages', 'sourceIps', 'origins'] as const;
export type RestrictionName = (typeof RESTRICTIONS)[number];

export type ExpiryDraft =
  | { readonly kind: 'never' | 'keep' }
  | { readonly kind: 'after'; readonly period: string }
  | { readonly kind: 'on'; readonly date: string };

/** One entry of the metadata that no schema names. */
export interface FactDraft {
  readonly name: string;
  readonly type: FactType;
  readonly value: string;
  /** A list or a map, which only a hand in the table writes: it is shown, and stays as it is or goes. */
  readonly kept?: MetadataValue;
}

export const FACT_TYPES = ['text', 'number', 'yes-no'] as const;
export type FactType = (typeof FACT_TYPES)[number];

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
/** Opens a WebSocket connection, and so has no path. */
export const CONNECT = '$connect';
/** What the API asks for by a name, such as `orders:write`. */
export const NAMED = 'name';

/** A new key: it ends of itself unless the operator says otherwise. */
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
    facts: [],
  };
}

/** A key as it is, to be changed. */
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
    facts: Object.entries(rest).map(([name, value]) => factDraft(name, value)),
  };
}

/** What a new key is created with. */
export function creationOf(draft: KeyDraft): KeyFields {
  const { ownerId, plan, limits, restrictions, notBefore, ...fields } = fieldsOf(draft);
  const expires = expiryOf(draft.expiry);
  return {
    ...fields,
    ...(ownerId === undefined || ownerId === '' ? {} : { ownerId }),
    // What a change would take away, a new key goes without.
    plan: plan ?? undefined,
    limits: limits ?? undefined,
    restrictions: restrictions ?? undefined,
    notBefore: notBefore ?? undefined,
    expires: expires ?? undefined,
  };
}

/**
 * What a change of a key sends: what is different from how the form was opened. The rest may be what a new key could not have,
 * such as a plan that there is no more, and must not stand in the way.
 */
export function changesOf(draft: KeyDraft, opened: KeyDraft): KeyFields {
  const before: Readonly<Record<string, unknown>> = { ...fieldsOf(opened) };
  const changed = Object.entries(fieldsOf(draft)).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name]),
  );
  const expires = expiryOf(draft.expiry);
  return { ...Object.fromEntries(changed), ...(expires === undefined ? {} : { expires }) };
}

function fieldsOf(draft: KeyDraft): KeyFields {
  const { rate, burst, quota } = draft;
  const limits: Limits = {
    ...(rate.trim() === '' ? {} : { rate: rate.trim() }),
    // What is no number is sent as it is, for the server to say what it accepts.
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
    metadata: { ...draft.attributes, ...Object.fromEntries(draft.facts.map((fact) => [fact.name, factValue(fact)])) },
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

/** `null` for never, `undefined` for as it is. */
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

function factDraft(name: string, value: MetadataValue): FactDraft {
  if (!isMetadataValue(value)) return { name, type: 'text', value: shown(value), kept: value };
  const type = typeof value === 'number' ? 'number' : typeof value === 'boolean' ? 'yes-no' : 'text';
  return { name, type, value: String(value) };
}

function factValue({ type, value, kept }: FactDraft): MetadataValue {
  if (kept !== undefined) return kept;
  if (type === 'number') return Number(value);
  return type === 'yes-no' ? value === 'true' : value;
}

/** What is wrong with a draft that the form says by itself, by field. */
export function draftFaults(draft: KeyDraft, attributes: readonly AttributeField[]): ReadonlyMap<string, string> {
  const faults = factFaults(draft.facts, attributes);
  return draft.name.trim() === '' ? new Map([['name', 'Give the key a name.'], ...faults]) : faults;
}

/**
 * What is wrong with facts that the server could not see: it is sent one value for each name. By `facts.<index>.name` and
 * `facts.<index>.value`.
 */
function factFaults(facts: readonly FactDraft[], attributes: readonly AttributeField[]): ReadonlyMap<string, string> {
  const faults = new Map<string, string>();
  for (const [index, { name, type, value }] of facts.entries()) {
    const attribute = attributes.find((one) => one.name === name);
    if (attribute !== undefined)
      faults.set(
        `facts.${String(index)}.name`,
        `This is the attribute "${attribute.label}", which has a field of its own.`,
      );
    else if (facts.findIndex((one) => one.name === name) < index)
      faults.set(`facts.${String(index)}.name`, 'There is another fact of this name.');
    if (type === 'number' && (value.trim() === '' || !Number.isFinite(Number(value))))
      faults.set(`facts.${String(index)}.value`, 'Not a number.');
  }
  return faults;
}
