import * as z from 'zod';
import { InvalidInputError, type InputFault } from './errors.ts';

/** The most faults in one response. Each describes what is accepted, so many faults could exceed Lambda's response size. */
const MAX_FAULTS = 20;

/** The length of the longest path to a field. Deeper values are rejected because of their type. */
const MAX_DEPTH = 4;

/**
 * Checks an input against a schema, and returns it with the defaults filled in.
 *
 * @throws {InvalidInputError} with the first invalid fields and what they accept. It never repeats a `key`.
 */
export function checkInput<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const prototypes = prototypeFields(input).slice(0, MAX_FAULTS);
  if (prototypes.length > 0) throw new InvalidInputError(prototypes);
  const result = schema.safeParse(input, { error: faultMessage });
  if (result.success) return result.data;
  const faults = result.error.issues.slice(0, MAX_FAULTS).flatMap((issue) => faultsOf(issue, schema));
  throw new InvalidInputError(faults.slice(0, MAX_FAULTS));
}

/**
 * Returns the fields named `__proto__`. `JSON.parse` reads such a field like any other, but an assignment to it sets the
 * object's prototype. Zod drops it silently, and so would code that copies fields by assignment.
 */
function prototypeFields(value: unknown, path: readonly string[] = []): InputFault[] {
  // Arrays contain strings, or the records of an import, each of which is checked separately.
  if (typeof value !== 'object' || value === null || Array.isArray(value) || path.length > MAX_DEPTH) return [];
  return Object.entries(value).flatMap(([name, part]) => {
    const field = [...path, name];
    return name === '__proto__'
      ? [{ field: field.join('.'), message: '"__proto__" is not a valid field name', accepted: 'any other name' }]
      : prototypeFields(part, field);
  });
}

function faultsOf(issue: z.core.$ZodIssue, schema: z.ZodType): InputFault[] {
  const accepted = acceptedAt(schema, issue.path);
  if (issue.code !== 'unrecognized_keys') return [{ field: issue.path.join('.'), message: issue.message, accepted }];
  return issue.keys.map((field) => ({
    field: [...issue.path, field].join('.'),
    message: 'unknown field',
    // Below the top level, this is the description of the field that contains the unknown one.
    accepted:
      accepted ?? (schema instanceof z.ZodObject ? `the fields ${Object.keys(schema.shape).join(', ')}` : undefined),
  }));
}

/** Returns what is accepted at a path: the description of the innermost type that has one. */
function acceptedAt(type: z.ZodType, path: readonly PropertyKey[]): string | undefined {
  // A description is on the type itself or, under `optional`, `nullable` and `default`, on what they wrap.
  if (
    type instanceof z.ZodOptional ||
    type instanceof z.ZodNullable ||
    type instanceof z.ZodDefault ||
    type instanceof z.ZodPrefault
  )
    return type.description ?? acceptedAt(type.unwrap() as z.ZodType, path);
  const [step, ...rest] = path;
  const inner = step === undefined ? undefined : innerOf(type, step);
  return (inner && acceptedAt(inner, rest)) ?? type.description;
}

function innerOf(type: z.ZodType, step: PropertyKey): z.ZodType | undefined {
  if (type instanceof z.ZodObject) return (type.shape as Partial<Record<PropertyKey, z.ZodType>>)[step];
  return type instanceof z.ZodArray ? (type.element as z.ZodType) : undefined;
}

/** The names of the JSON types in error messages, by their names in zod. */
const TYPES: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  boolean: 'true or false',
  array: 'an array',
  object: 'an object',
};

/** Returns the message for an issue without a message in the schema, or `undefined` to keep zod's message. */
function faultMessage(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return 'missing';
      return issue.expected in TYPES ? `not ${TYPES[issue.expected] ?? ''}` : undefined;
    case 'too_small':
      if (isNumber(issue)) return 'too small';
      return Number(issue.minimum) === 1 ? 'empty' : 'too short';
    case 'too_big':
      return isNumber(issue) ? 'too large' : 'too long';
    default:
      return undefined;
  }
}

function isNumber({ origin }: { readonly origin?: unknown }): boolean {
  return origin === 'number' || origin === 'int';
}
