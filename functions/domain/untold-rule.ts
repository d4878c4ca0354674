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

function isTold(check: Check): boolean {
  if (!CHECKS.includes(check.check)) return false;
  if (check.check !== 'string_format') return true;
  const { format = '', pattern, hostname, protocol, normalize, position } = check;
  return (
    [...FORMATS, ...TIME_FORMATS].includes(format) &&
    [hostname, protocol, normalize, position].every((option) => option === undefined) &&
    // JSON Schema's patterns have no flags.
    (format !== 'regex' || pattern?.flags === '')
  );
}

function ruleName({ check, format, pattern }: Check): string {
  if (check === 'custom') return 'a refinement';
  if (check === 'overwrite') return 'a change of the value, such as trim()';
  if (format === 'regex') return `the flags of ${String(pattern)}`;
  return `the rule "${format ?? check}"`;
}
