import type { Metadata, MetadataValue } from '../../src/core/keys/record.ts';
import type { AttributeJsonSchema, AttributesJsonSchema } from '../../src/core/attributes/attributes.ts';

/** A property of the deployment's metadata schema. It is a column, a form field and an item of the key's details. */
export interface AttributeField {
  /** The name in the metadata. */
  readonly name: string;
  /** The name that users see. */
  readonly label: string;
  readonly description: string | undefined;
  readonly required: boolean;
  readonly kind: AttributeKind;
  /** The value in the form of a new key. */
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
  /** A type that the console can't edit. */
  | { readonly type: 'other' };

/** Returns the fields of a schema, in its order; an empty array without a schema. */
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

/** Splits metadata into the attributes that the schema names, and the rest. */
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

/** Formats a value for users. An array or object, which can only be written into the table by hand, is shown as JSON. */
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

/** Ignores the bounds of safe integers, which zod writes and which mean nothing to users. */
function sensible(bound: number | undefined): number | undefined {
  return bound === undefined || Math.abs(bound) >= Number.MAX_SAFE_INTEGER ? undefined : bound;
}

function notNull({ anyOf = [] }: AttributeJsonSchema): AttributeJsonSchema {
  return anyOf.find(({ type }) => type !== 'null') ?? {};
}

/** Returns whether a value has a type that metadata allows. Values that were written into the table by hand may not. */
export function isMetadataValue(value: unknown): value is MetadataValue {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

/** Returns "Cost centre" for `costCentre` and for `cost_centre`. */
function inWords(name: string): string {
  const words = name
    .replaceAll('_', ' ')
    .replaceAll(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
