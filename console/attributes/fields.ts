import type { Metadata, MetadataValue } from '../../src/core/keys/record.ts';
import type { AttributeJsonSchema, AttributesJsonSchema } from '../../src/core/attributes/attributes.ts';

/** One of the deployment's own facts about a key, as a column, a form field and a line of the details. */
export interface AttributeField {
  /** Its name in the keys' metadata. */
  readonly name: string;
  /** What people call it. */
  readonly label: string;
  readonly description: string | undefined;
  readonly required: boolean;
  readonly kind: AttributeKind;
  /** What a new key starts with. */
  readonly initial: MetadataValue | undefined;
}

type AttributeKind =
  | { readonly type: 'text'; readonly maxLength: number | undefined }
  | { readonly type: 'choice'; readonly options: readonly MetadataValue[] }
  | {
      readonly type: 'number';
      readonly whole: boolean;
      readonly minimum: number | undefined;
      readonly maximum: number | undefined;
    }
  | { readonly type: 'yes-no' }
  | { readonly type: 'date' }
  /** A type that this console does not know how to edit. */
  | { readonly type: 'other' };

/** The fields that a schema describes, in its order. Without a schema there are none. */
export function attributeFields(schema: AttributesJsonSchema | undefined): readonly AttributeField[] {
  return Object.entries(schema?.properties ?? {}).map(([name, written]) => {
    const property = { ...written, ...notNull(written) };
    return {
      name,
      label: property.title ?? inWords(name),
      description: property.description,
      required: schema?.required?.includes(name) === true && property.default === undefined,
      kind: kindOf(property),
      initial: isMetadataValue(property.default) ? property.default : undefined,
    };
  });
}

/** What a key has of the deployment's own: those that the schema names, and the rest. */
export function splitMetadata(
  metadata: Metadata,
  fields: readonly AttributeField[],
): { readonly attributes: Metadata; readonly rest: Metadata } {
  const named = new Set(fields.map(({ name }) => name));
  const entries = Object.entries(metadata);
  return {
    attributes: Object.fromEntries(entries.filter(([name]) => named.has(name))),
    rest: Object.fromEntries(entries.filter(([name]) => !named.has(name))),
  };
}

/** A value as people read it; a list or a map, which only a hand in the table writes, as JSON. */
export function shown(value: unknown): string {
  if (value === undefined) return '–';
  if (typeof value === 'boolean') return value ? 'Yes' : 'No';
  if (typeof value === 'number') return value.toLocaleString('en');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function kindOf({ type, enum: options, format, ...bounds }: AttributeJsonSchema): AttributeKind {
  if (options !== undefined) return { type: 'choice', options: options.filter(isMetadataValue) };
  switch ([type].flat().find((one) => one !== 'null')) {
    case 'string':
      return format === 'date' ? { type: 'date' } : { type: 'text', maxLength: bounds.maxLength };
    case 'integer':
    case 'number':
      return {
        type: 'number',
        whole: type === 'integer',
        minimum: sensible(bounds.minimum),
        maximum: sensible(bounds.maximum),
      };
    case 'boolean':
      return { type: 'yes-no' };
    default:
      return { type: 'other' };
  }
}

/** zod writes the bounds of JavaScript's whole numbers, which tell an operator nothing. */
function sensible(bound: number | undefined): number | undefined {
  return bound === undefined || Math.abs(bound) >= Number.MAX_SAFE_INTEGER ? undefined : bound;
}

function notNull({ anyOf = [] }: AttributeJsonSchema): AttributeJsonSchema {
  return anyOf.find(({ type }) => type !== 'null') ?? {};
}

/** Whether a value is what metadata may hold: somebody may have edited it by hand. */
export function isMetadataValue(value: unknown): value is MetadataValue {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

/** `costCentre` and `cost_centre` are both read "Cost centre". */
function inWords(name: string): string {
  const words = name
    .replaceAll('_', ' ')
    .replaceAll(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
