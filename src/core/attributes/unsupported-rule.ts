/** Calls a function, possibly under other circumstances than now, and returns its result. */
export type Evaluate = <Result>(call: () => Result) => Result;

/**
 * Returns a message about the first rule of a schema that JSON Schema cannot express, or `undefined`. The management
 * functions check metadata by the JSON Schema, so they would ignore such a rule.
 *
 * @param evaluateAgain evaluates defaults once more: a default that has another value then is not constant. zod does not
 * tell whether a default is a function, so pass a function that changes what a default may depend on. @default calls it
 */
export function unsupportedRule(schema: unknown, evaluateAgain: Evaluate = (call) => call()): string | undefined {
  const definition = definitionOf(schema);
  return definition === undefined
    ? 'attributes is not a zod 4 schema; accepted: z.object({ … })'
    : findUnsupported(definition, 'attributes', evaluateAgain);
}

/**
 * The parts of a zod schema that hold its rules. zod documents `_zod.def` for libraries that read schemas.
 *
 * https://zod.dev/library-authors
 */
interface Definition {
  readonly type: string;
  readonly coerce?: unknown;
  readonly checks?: readonly { readonly _zod: { readonly def: Check } }[];
  readonly format?: unknown;
  readonly pattern?: unknown;
  readonly shape?: Readonly<Record<string, unknown>>;
  readonly catchall?: unknown;
  readonly innerType?: unknown;
  /** A getter. If the default is a function, it calls the function. */
  readonly defaultValue?: unknown;
  readonly options?: readonly unknown[];
}

interface Check {
  readonly check: string;
  readonly format?: string;
  readonly pattern?: RegExp;
  readonly hostname?: unknown;
  readonly protocol?: unknown;
  readonly normalize?: unknown;
  readonly position?: unknown;
  readonly value?: unknown;
}

function definitionOf(schema: unknown): Definition | undefined {
  const zod = typeof schema === 'object' && schema !== null && '_zod' in schema ? schema._zod : undefined;
  const def = typeof zod === 'object' && zod !== null && 'def' in zod ? zod.def : undefined;
  return typeof def === 'object' && def !== null && 'type' in def ? (def as Definition) : undefined;
}

const ACCEPTED = 'accepted: strings, numbers, booleans, enums and literals, with lengths, bounds and patterns';
const VALUES = ['string', 'number', 'boolean', 'enum', 'literal'];
const WRAPPERS = ['optional', 'default', 'readonly', 'nonoptional'];
const CHECKS = [
  'min_length',
  'max_length',
  'length_equals',
  'less_than',
  'greater_than',
  'multiple_of',
  'number_format',
  'string_format',
];
/** Formats that are patterns, and `url`, which the construct and the functions check by the same code. */
const FORMATS = ['regex', 'starts_with', 'ends_with', 'includes', 'lowercase', 'uppercase', 'email', 'uuid', 'guid'];
const TIME_FORMATS = ['url', 'date', 'datetime', 'time', 'duration', 'cuid2', 'ulid', 'nanoid', 'xid', 'ksuid'];

function findUnsupported(definition: Definition, at: string, evaluateAgain: Evaluate): string | undefined {
  const { type, checks = [], coerce, innerType, options = [], shape = {}, catchall } = definition;
  const refused = (what: string) =>
    `${at} has ${what}, which JSON Schema cannot express, so the management functions would ignore it; ${ACCEPTED}`;
  const inField = (schema: unknown, name: string) => {
    const field = definitionOf(schema);
    return field === undefined ? `${name} is not a zod 4 schema` : findUnsupported(field, name, evaluateAgain);
  };
  const own = 'check' in definition ? [definition as unknown as Check] : [];
  const unsupported = [...own, ...checks.map(({ _zod }) => _zod.def)].find((check) => !isSupported(check));
  if (unsupported !== undefined) return refused(ruleName(unsupported));
  if (coerce === true) return refused('a coercion');
  if (type === 'default' && !hasConstantDefault(definition, evaluateAgain)) return `${at} ${NO_CONSTANT_DEFAULT}`;
  if (type === 'object' && at === 'attributes') {
    return [...Object.entries(shape), ...(catchall === undefined ? [] : [['(others)', catchall] as const])]
      .map(([name, field]) =>
        inField(field, name === '(others)' ? 'the rule for other fields of attributes' : `attributes.${name}`),
      )
      .find((fault) => fault !== undefined);
  }
  if (at === 'attributes') return 'attributes is not an object schema; accepted: z.object({ … })';
  if (WRAPPERS.includes(type)) return inField(innerType, at);
  if (type === 'union') return options.map((option) => inField(option, at)).find((fault) => fault !== undefined);
  if (at === 'the rule for other fields of attributes' && ['never', 'unknown', 'any'].includes(type)) return undefined;
  return VALUES.includes(type)
    ? undefined
    : `${at} is of the type "${type}", which attributes cannot have; ${ACCEPTED}`;
}

const NO_CONSTANT_DEFAULT =
  'has a default that is not a constant string, finite number or boolean, such as a random value or the current time: every key would get the same value; accepted: a constant default, or no default and a value for each key';

/** Returns whether a default is a constant that JSON can represent. A function that returns a constant is accepted. */
function hasConstantDefault(definition: Definition, evaluateAgain: Evaluate): boolean {
  const { defaultValue } = definition;
  const isJson = ['string', 'boolean'].includes(typeof defaultValue) || Number.isFinite(defaultValue);
  return (
    isJson && definition.defaultValue === defaultValue && evaluateAgain(() => definition.defaultValue) === defaultValue
  );
}

function isSupported(check: Check): boolean {
  if (!CHECKS.includes(check.check)) return false;
  // JSON can't represent infinity.
  if (typeof check.value === 'number' && !Number.isFinite(check.value)) return false;
  if (check.check !== 'string_format') return true;
  const { format = '', pattern, hostname, protocol, normalize, position } = check;
  return (
    [...FORMATS, ...TIME_FORMATS].includes(format) &&
    [hostname, protocol, normalize, position].every((option) => option === undefined) &&
    // Patterns of JSON Schema have no flags.
    (pattern?.flags ?? '') === ''
  );
}

function ruleName({ check, format, pattern }: Check): string {
  if (check === 'custom') return 'a refinement';
  if (check === 'overwrite') return 'a rule that changes the value, such as trim()';
  if (pattern !== undefined && pattern.flags !== '') return `the flags of ${String(pattern)}`;
  return `the rule "${format ?? check}"`;
}
