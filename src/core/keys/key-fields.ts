/** The type of a field's value. `record.ts` says which TypeScript type each has. */
export type FieldType =
  | 'id'
  | 'text'
  | 'time'
  | 'count'
  | 'scopes'
  | 'metadata'
  | 'limits'
  | 'restrictions'
  | 'digest'
  | 'issuer'
  | 'usageIdVersion';

/** The definition of a field of a key's record. */
interface FieldDefinition {
  readonly type: FieldType;
  /** The field's name for people. */
  readonly title: string;
  /** Whether every record has a value. @default false */
  readonly required?: true;
  /** The field of `create` that sets it. @default no caller can set it */
  readonly input?: string;
  /** The maximum length of a text that callers set, in UTF-16 code units. @default `key-rules.ts` has its rule */
  readonly maxCharacters?: number;
  /** Whether `update` accepts it, too. @default false */
  readonly updatable?: true;
  /** Whether `update` accepts `null`, which removes it. @default false */
  readonly removable?: true;
  /** Whether a rotation copies it to the new key. @default false */
  readonly copiedByRotation?: true;
  /** Whether operations, the CLI and the console show it. @default false */
  readonly shown?: true;
  /** Whether events carry it. @default false */
  readonly inEvents?: true;
  /** Whether a change of it is reported as `API Key Updated`. @default false */
  readonly tracked?: true;
  /** Whether an import can leave it out although every record has a value. @default false */
  readonly importDefault?: true;
}

/**
 * The fields of a key's record, in the order in which they are shown. This is the one list of them: the types of the
 * record, its view, its portable form and the operations' inputs follow from it, and so do the JSON schemas of the events
 * and the CLI's output. The doc comments are the descriptions in the OpenAPI document. To add a field, see CONTRIBUTING.md.
 *
 * It is plain data, so that the key client and the console can use it. The authorizer uses only its types.
 */
export const KEY_FIELDS = {
  /** The key's public ID: the prefix in its text, or the ID that an imported key was given. */
  prefix: { type: 'id', title: 'Prefix', required: true, shown: true },
  /** The kind of key, the first part of its text. */
  label: { type: 'text', title: 'Label', required: true, shown: true, inEvents: true, importDefault: true },
  /** The hash of the key. The key itself is not stored. */
  digest: { type: 'digest', title: 'Digest', required: true },
  /** The key's name for people. */
  name: {
    type: 'text',
    title: 'Name',
    required: true,
    input: 'name',
    maxCharacters: 100,
    updatable: true,
    copiedByRotation: true,
    shown: true,
    inEvents: true,
    tracked: true,
  },
  /** Your ID of the key's owner. */
  ownerId: {
    type: 'text',
    title: 'Owner',
    input: 'ownerId',
    maxCharacters: 128,
    copiedByRotation: true,
    shown: true,
    inEvents: true,
    tracked: true,
  },
  /** What the key can call. For a key without scopes, the authorizer's `unscopedKeys` decides. @see scope.ts */
  scopes: {
    type: 'scopes',
    title: 'Scopes',
    required: true,
    input: 'scopes',
    updatable: true,
    copiedByRotation: true,
    shown: true,
    inEvents: true,
    tracked: true,
    importDefault: true,
  },
  /** Custom data about the key. */
  metadata: {
    type: 'metadata',
    title: 'Metadata',
    required: true,
    input: 'metadata',
    updatable: true,
    copiedByRotation: true,
    shown: true,
    inEvents: true,
    tracked: true,
    importDefault: true,
  },
  /** The plan whose limits apply unless the key has its own. */
  plan: {
    type: 'text',
    title: 'Plan',
    input: 'plan',
    updatable: true,
    removable: true,
    copiedByRotation: true,
    shown: true,
    inEvents: true,
    tracked: true,
  },
  /** Key-specific limits, which override those of the plan. @see limits.ts */
  limits: {
    type: 'limits',
    title: 'Limits',
    input: 'limits',
    updatable: true,
    removable: true,
    copiedByRotation: true,
    shown: true,
    inEvents: true,
    tracked: true,
  },
  /** Where the key can be used. @see restrictions.ts, which also validates stored restrictions */
  restrictions: {
    type: 'restrictions',
    title: 'Restrictions',
    input: 'restrictions',
    updatable: true,
    removable: true,
    copiedByRotation: true,
    shown: true,
    inEvents: true,
    tracked: true,
  },
  /** When the key was created. */
  createdAt: { type: 'time', title: 'Created', required: true, shown: true, inEvents: true },
  /** The key is rejected before this time. */
  notBefore: {
    type: 'time',
    title: 'Not before',
    input: 'notBefore',
    updatable: true,
    removable: true,
    copiedByRotation: true,
    shown: true,
    inEvents: true,
    tracked: true,
  },
  /** The key is rejected from this time on. */
  expiresAt: {
    type: 'time',
    title: 'Expires',
    input: 'expires',
    updatable: true,
    removable: true,
    shown: true,
    inEvents: true,
    tracked: true,
  },
  /** The key is rejected while this is set. */
  disabledAt: { type: 'time', title: 'Disabled', shown: true, inEvents: true },
  /** Why the key is disabled. */
  disabledReason: { type: 'text', title: 'Reason', shown: true },
  /** The principal of the HTTP request that disabled the key, or the name that the caller of a direct invocation gave. */
  disabledBy: { type: 'text', title: 'Disabled by', shown: true },
  /** The key is rejected from this time on, permanently. */
  revokedAt: { type: 'time', title: 'Revoked', shown: true, inEvents: true },
  /** Why the key was revoked. */
  revokedReason: { type: 'text', title: 'Reason', shown: true },
  /** The key that a rotation replaced this one with. */
  replacedBy: { type: 'id', title: 'Replaced by', shown: true, inEvents: true },
  /** The key that a rotation replaced with this one. */
  rotatedFrom: { type: 'id', title: 'Replaces', shown: true, inEvents: true },
  /** The secret in Secrets Manager that holds the key. Only the secret's own rotation replaces the key: see `KeySecret`. */
  secretName: { type: 'text', title: 'Secret', shown: true },
  /**
   * The key whose counters the requests of this key use: the first of a chain of rotations, so that a rotation
   * does not start a new quota. Without this field, the key has its own counters.
   */
  countsAs: { type: 'id', title: 'Counts as' },
  /**
   * How the key is identified to API Gateway's usage plans: see `usage-identifier.ts`. Records of releases before
   * version 2 have none. It never changes, and a rotation copies it, because API Gateway cannot change a value.
   */
  usageId: { type: 'usageIdVersion', title: 'Usage ID version', copiedByRotation: true },
  /** When the key was last used, accurate to the authorizer's `lastUsedInterval`. */
  lastUsedAt: { type: 'time', title: 'Last used', shown: true },
  /** The issuer of an imported key. */
  importedFrom: { type: 'issuer', title: 'Imported from', shown: true, inEvents: true },
  /** The number of administrative changes, from 1. An update can require the version that its caller has read. */
  version: { type: 'count', title: 'Version', required: true, shown: true, importDefault: true },
} as const satisfies Record<string, FieldDefinition>;

type Fields = typeof KEY_FIELDS;

/** The name of a field of a key's record. */
export type FieldName = keyof Fields;

/** The names of the fields whose definition has these properties. */
export type FieldsWith<Properties extends Partial<FieldDefinition>> = {
  [Name in FieldName]: Fields[Name] extends Properties ? Name : never;
}[FieldName];

/** The definitions of these fields. A mapped type over its keys keeps their doc comments. */
export type DefinitionsOf<Name extends FieldName> = Pick<Fields, Name>;

/** The name of a field that callers can set. */
export type SettableField = FieldsWith<{ readonly input: string }>;

/** The name under which inputs set a field, such as `expires` for `expiresAt`. */
export type InputName<Name extends SettableField> = Fields[Name]['input'];

/** The definition of a field, with the properties that some fields leave out. */
export function fieldDefinition(name: FieldName): FieldDefinition {
  return KEY_FIELDS[name];
}

/**
 * Returns the names of the fields whose definition has these properties, in the order of the table.
 *
 * @example
 * fieldsWith({ shown: true, required: true }); // ['prefix', 'label', 'name', …]
 */
export function fieldsWith<const Properties extends Partial<FieldDefinition>>(
  properties: Properties,
): FieldsWith<Properties>[] {
  const matches = Object.entries<FieldDefinition>(KEY_FIELDS).filter(([, definition]) =>
    Object.entries(properties).every(([property, value]) => definition[property as keyof FieldDefinition] === value),
  );
  // The names that match are those that the type selects by the same rule.
  return matches.map(([name]) => name as FieldsWith<Properties>);
}

/**
 * Returns the names under which inputs set the fields that have these properties, in the order of the table.
 *
 * @example
 * inputNames({ removable: true }); // ['plan', 'limits', 'restrictions', 'notBefore', 'expires']
 */
export function inputNames<const Properties extends Partial<FieldDefinition>>(
  properties: Properties,
): InputName<FieldsWith<Properties> & SettableField>[] {
  const names = fieldsWith(properties).map((name) => fieldDefinition(name).input);
  // Of the fields that have the properties, those with an input are the settable ones.
  return names.filter((name) => name !== undefined) as InputName<FieldsWith<Properties> & SettableField>[];
}
