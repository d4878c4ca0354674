import { isLosslessNumber, isSafeNumber, LosslessNumber, parse } from 'lossless-json';

/** A value that can be read in more than one way. */
export class Ambiguous {
  readonly reason: string;
  constructor(reason: string) {
    this.reason = reason;
  }
}

/**
 * Parses JSON without losing information:
 *
 * - A number that JavaScript would print differently stays a `LosslessNumber`, which has its digits.
 * - A field that is given twice with different values becomes {@link Ambiguous}.
 * - MongoDB Extended JSON becomes plain values: `$oid` and `$uuid` become strings, `$date` an ISO 8601 time, and
 *   `$numberInt`, `$numberLong`, `$numberDouble` and `$numberDecimal` numbers. Other types stay as they are.
 *
 * @returns `undefined` if the text is not JSON
 * @see https://www.mongodb.com/docs/manual/reference/mongodb-extended-json/
 */
export function parseJson(text: string): unknown {
  const parsed = parseJsonOrFault(text);
  return 'value' in parsed ? parsed.value : undefined;
}

/** The same as {@link parseJson}, with the position at which the text is not valid JSON. */
export function parseJsonOrFault(
  text: string,
): { readonly value: unknown } | { readonly position: number | undefined } {
  try {
    const onDuplicateKey = () => new Ambiguous('given twice, with different values');
    return { value: withoutMongoTypes(parse(text, undefined, { parseNumber, onDuplicateKey })) };
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof RangeError)) throw error;
    // The rest of the message quotes the file, which can contain keys.
    const [, position] = /at position (\d+)$/.exec(error.message) ?? [];
    return { position: position === undefined ? undefined : Number(position) };
  }
}

/** Returns the number that a value represents, or `undefined` if it is not a number or JavaScript cannot hold it exactly. */
function exactNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return isLosslessNumber(value) && isSafeNumber(value.value) ? Number(value.value) : undefined;
}

/** A value with JavaScript's numbers. A number that JavaScript cannot hold exactly becomes {@link Ambiguous}. */
export function withPlainNumbers(value: unknown): unknown {
  if (isLosslessNumber(value))
    return exactNumber(value) ?? new Ambiguous('a number with more digits than can be kept; make it a string');
  if (Array.isArray(value)) return value.map(withPlainNumbers);
  if (typeof value !== 'object' || value === null || value instanceof Ambiguous) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withPlainNumbers(inner)]));
}

function parseNumber(source: string): number | LosslessNumber {
  return String(Number(source)) === source && isSafeNumber(source) ? Number(source) : new LosslessNumber(source);
}

function withoutMongoTypes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutMongoTypes);
  if (typeof value !== 'object' || value === null || isLosslessNumber(value) || value instanceof Ambiguous)
    return value;
  const entries = Object.entries(value).map(([name, inner]) => [name, withoutMongoTypes(inner)] as const);
  const [only, ...others] = entries;
  const plain = only === undefined || others.length > 0 ? undefined : mongoValue(...only);
  return plain ?? Object.fromEntries(entries);
}

function mongoValue(type: string, inner: unknown): unknown {
  switch (type) {
    case '$oid':
    case '$uuid':
      return typeof inner === 'string' ? inner : undefined;
    case '$date':
      return typeof inner === 'string' ? inner : isoOf(exactNumber(inner));
    case '$numberInt':
    case '$numberLong':
    case '$numberDouble':
    case '$numberDecimal':
      if (typeof inner === 'number' || isLosslessNumber(inner)) return inner;
      return typeof inner === 'string' && /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(inner)
        ? parseNumber(inner)
        : new Ambiguous('not a finite number');
    default:
      return undefined;
  }
}

/** Milliseconds since 1970, as MongoDB counts them. */
function isoOf(milliseconds: number | undefined): string | undefined {
  const date = new Date(milliseconds ?? NaN);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}
