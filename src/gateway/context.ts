import { limitsFault, type Limits } from '../core/limits/limits.ts';
import type { KeyRecord, MetadataValue } from '../core/keys/record.ts';
import { withoutUndefined } from '../core/limits/without-undefined.ts';

/**
 * What the authorizer tells the API behind it about the caller. API Gateway takes only strings, numbers and
 * booleans, no nesting, and hands them on as strings (REST, WebSocket) or as they are (HTTP API).
 */
export type AuthorizerContext = Record<string, MetadataValue>;

/** The caller, as the API behind the authorizer reads it. */
export interface Caller {
  /** The key's public prefix. */
  readonly keyId: string;
  readonly name: string;
  readonly ownerId?: string | undefined;
  readonly scopes: readonly string[];
  readonly plan?: string | undefined;
  /** The limits that hold for the key, its plan's and its own. Empty: none. */
  readonly limits: Limits;
  /** The key whose counters the request is counted on: its own, or the first of a chain of rotations. */
  readonly countsAs: string;
  /** The metadata fields chosen by `contextMetadata`, as strings whatever they were: REST APIs hand on nothing else. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Keeps metadata apart from the fields above it; usable in access logs as `$context.authorizer.meta_plan`. */
const METADATA_PREFIX = 'meta_';

/** Scopes hold no comma. */
const SCOPE_SEPARATOR = ',';

/**
 * Returns what the authorizer tells the API about a verified key.
 *
 * @param record the record of the key
 * @param contextMetadata names of the metadata fields to pass on
 * @param limits the effective limits, which include those of the key's plan. @default the limits of the record
 */
export function contextOf(
  record: KeyRecord,
  contextMetadata: readonly string[],
  limits: Limits | undefined = record.limits,
): AuthorizerContext {
  const { prefix: keyId, name, ownerId, plan, countsAs, metadata } = record;
  const scopes = record.scopes.join(SCOPE_SEPARATOR);
  const context = withoutUndefined<MetadataValue>({ keyId, name, ownerId, scopes, plan, ...limits, countsAs });
  for (const field of contextMetadata) {
    const value = Object.hasOwn(metadata, field) ? metadata[field] : undefined;
    if (value !== undefined) context[METADATA_PREFIX + field] = value;
  }
  return context;
}

/**
 * The parts of a proxy event that {@link callerOf} reads: REST, HTTP API (payload 1.0 and 2.0) or WebSocket. Any
 * request context will do: some of the event types do not tell of the authorizer in theirs.
 */
export interface AuthorizedEvent {
  readonly requestContext: object;
}

/**
 * Who is calling, in the API behind the authorizer.
 *
 * @returns `undefined` if the event did not come through a Latchkey authorizer
 * @throws {TypeError} if its limits cannot be read: an authorizer of another version, and no reason to lift them
 * @example
 * export const handler = async (event: APIGatewayProxyEvent) => {
 *   const caller = callerOf(event);
 *   return { statusCode: 200, body: `Hello ${caller?.name ?? 'stranger'}` };
 * };
 */
export function callerOf(event: AuthorizedEvent): Caller | undefined {
  const { authorizer }: { authorizer?: unknown } = event.requestContext;
  if (!isObject(authorizer)) return undefined;
  const context = isObject(authorizer['lambda']) ? authorizer['lambda'] : authorizer;
  const { keyId, name, ownerId, scopes, plan, countsAs } = context;
  if (typeof keyId !== 'string' || typeof name !== 'string' || typeof scopes !== 'string') return undefined;
  const metadata = Object.entries(context)
    .filter(([field]) => field.startsWith(METADATA_PREFIX))
    .map(([field, value]) => [field.slice(METADATA_PREFIX.length), String(value)]);
  return {
    keyId,
    name,
    ownerId: typeof ownerId === 'string' ? ownerId : undefined,
    plan: typeof plan === 'string' ? plan : undefined,
    limits: limitsIn(context),
    countsAs: typeof countsAs === 'string' ? countsAs : keyId,
    scopes: scopes === '' ? [] : scopes.split(SCOPE_SEPARATOR),
    metadata: Object.fromEntries(metadata) as Record<string, string>,
  };
}

/** REST APIs hand on the burst as a text. */
function limitsIn({ rate, burst, quota }: Record<string, unknown>): Limits {
  const limits = withoutUndefined({ rate, burst: burst === undefined ? burst : Number(burst), quota });
  const fault = limitsFault(limits);
  if (fault !== undefined) throw new TypeError(fault);
  return limits;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
