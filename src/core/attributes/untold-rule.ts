/**
 * The first rule of a schema that its JSON Schema would not tell, in words; `undefined` if it tells all. Such a rule
 * would silently be none where keys are written.
 */
export function untoldRule(schema: unknown): string | undefined {
  const definition = internalsOf(schema);
  return definition === undefined
    ? 'attributes is no schema of zod 4; accepted: z.object({ … })'
    : untoldIn(definition, 'attributes');
}

/** The parts of a zod schema that tell its rules: zod documents `_zod.def` for libraries that read schemas. */
interface Definition {
  readonly type: string;
  readonly coerce?: unknown;
  readonly checks?: readonly { readonly _zod: { readonly def: Check } }[];
  readonly format?: unknown;
  readonly pattern?: unknown;
  readonly shape?: Readonly<Record<string, unknown>>;
  readonly catchall?: unknown;
  readonly innerType?: unknown;
  /** Of a default: a getter, which calls the function that the default was given as. */
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

function internalsOf(schema: unknown): Definition | undefined {
  const zod = typeof schema === 'object' && schema !== null && '_zod' in schema ? schema._zod : undefined;
  const def = typeof zod === 'object' && zod !== null && 'def' in zod ? zod.def : undefined;
  return typeof def === 'object' && def !== null && 'type' in def ? (def as Definition) : undefined;
}

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
/** What is nothing but a pattern, and `url`, which both sides check by the same code. */
const FORMATS = ['regex', 'starts_with', 'ends_with', 'includes', 'lowercase', 'uppercase', 'email', 'uuid', 'guid'];
const TIME_FORMATS = ['url', 'date', 'datetime', 'time', 'duration', 'cuid2', 'ulid', 'nanoid', 'xid', 'ksuid'];

function untoldIn(definition: Definition, at: string): string | undefined {
  const { type, checks = [], coerce, innerType, options = [], shape = {}, catchall } = definition;
  const refused = (what: string) =>
    `${at} has ${what}, which JSON Schema cannot tell, so the functions would not heed it; accepted: texts, numbers, booleans, enums and literals, with lengths, bounds and patterns`;
  const own = 'check' in definition ? [definition as unknown as Check] : [];
  const lost = [...own, ...checks.map(({ _zod }) => _zod.def)].find((check) => !isTold(check));
  if (lost !== undefined) return refused(ruleName(lost));
  if (coerce === true) return refused('a coercion');
  if (type === 'default' && !hasConstantDefault(definition)) return `${at} ${NO_CONSTANT_DEFAULT}`;
  if (type === 'object' && at === 'attributes') {
    return [...Object.entries(shape), ...(catchall === undefined ? [] : [['(others)', catchall] as const])]
      .map(([name, field]) => within(field, name === '(others)' ? 'attributes of other names' : `attributes.${name}`))
      .find((fault) => fault !== undefined);
  }
  if (at === 'attributes') return 'attributes is no object; accepted: z.object({ … })';
  if (WRAPPERS.includes(type)) return within(innerType, at);
  if (type === 'union') return options.map((option) => within(option, at)).find((fault) => fault !== undefined);
  if (at === 'attributes of other names' && ['never', 'unknown', 'any'].includes(type)) return undefined;
  return VALUES.includes(type) ? undefined : refused(`a ${type}`);
}

function within(schema: unknown, at: string): string | undefined {
  const definition = internalsOf(schema);
  return definition === undefined ? `${at} is no schema of zod 4` : untoldIn(definition, at);
}

const NO_CONSTANT_DEFAULT =
  'has a default that is not one string, finite number or boolean, such as a function with another result on each call: the functions would give the same value to every key; accepted: a constant default, or no default and a value for each key';

/**
 * Whether a default is one value that JSON can carry. zod does not tell a function from a value, so the default is read
 * again, and at another time: `randomUUID()`, a counter and a date are found. A function that returns a constant is accepted.
 */
function hasConstantDefault(definition: Definition): boolean {
  const { defaultValue } = definition;
  const carried = ['string', 'boolean'].includes(typeof defaultValue) || Number.isFinite(defaultValue);
  return carried && [0, 400].every((days) => inDays(days, () => definition.defaultValue) === defaultValue);
}

/** Calls a synchronous function with a clock that is some days ahead. */
function inDays<Result>(days: number, call: () => Result): Result {
  const RealDate = globalThis.Date;
  // The odd milliseconds also change a time of day.
  const aheadMs = days * 86_400_000 + 12_345_678;
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, given: unknown[], newTarget) =>
      Reflect.construct(target, given.length === 0 ? [RealDate.now() + aheadMs] : given, newTarget) as object,
    apply: () => new RealDate(RealDate.now() + aheadMs).toString(),
    get: (target, property) =>
      property === 'now' ? () => RealDate.now() + aheadMs : (Reflect.get(target, property) as unknown),
  });
  try {
    return call();
  } finally {
    globalThis.Date = RealDate;
  }
}

function isTold(check: Check): boolean {
  if (!CHECKS.includes(check.check)) return false;
  // JSON has no infinity.
  if (typeof check.value === 'number' && !Number.isFinite(check.value)) return false;
  if (check.check !== 'string_format') return true;
  const { format = '', pattern, hostname, protocol, normalize, position } = check;
  return (
    [...FORMATS, ...TIME_FORMATS].includes(format) &&
    [hostname, protocol, normalize, position].every((option) => option === undefined) &&
    // JSON Schema's patterns have no flags.
    (pattern?.flags ?? '') === ''
  );
}

function ruleName({ check, format, pattern }: Check): string {
  if (check === 'custom') return 'a refinement';
  if (check === 'overwrite') return 'a change of the value, such as trim()';
  if (pattern !== undefined && pattern.flags !== '') return `the flags of ${String(pattern)}`;
  return `the rule "${format ?? check}"`;
}
