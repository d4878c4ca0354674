import { limitsFault, withoutUndefined, type Limits } from '../core/limits/limits.ts';
import { isNamedScope, SCOPE_ACCEPTS } from '../core/scopes/scope.ts';
import { isCustomField, METADATA_PREFIX, SCOPE_SEPARATOR } from '../gateway/context-fields.ts';

/**
 * The part of a proxy event that {@link readCaller} reads: REST, HTTP API (payload 1.0 and 2.0) or WebSocket. It accepts
 * any request context, because some of the event types of `@types/aws-lambda` have no authorizer in theirs.
 */
export interface AuthorizedEvent {
  readonly requestContext: object;
}

/** The caller of an API behind the authorizer. */
export interface Caller<Context extends object = object> {
  /** How the caller was authorized: `apiKey`, `jwt`, the name of a custom permission, or several joined by `+`. */
  readonly authorizedBy: string;
  /** The subject of the caller's token or custom permission, if it has one. */
  readonly subject?: string | undefined;
  /** What the caller may do: route scopes and named scopes. A custom authorizer can narrow those of the key. */
  readonly scopes: readonly string[];
  /** The caller's key, or `undefined` if the caller has no key. */
  readonly key?: CallerKey | undefined;
  /** The fields that the code of a custom authorizer added, as strings: REST APIs pass nothing else. */
  readonly context: Readonly<Record<keyof Context, string>>;
}

/** The fields of a caller's key that the authorizer passes to the API. */
export interface CallerKey {
  /** The public id of the key. It is not secret, and safe to log. */
  readonly keyId: string;
  readonly name: string;
  readonly ownerId?: string | undefined;
  readonly plan?: string | undefined;
  /** The effective limits: the key's own, which override those of its plan. Empty if the key has no limits. */
  readonly limits: Limits;
  /** The id under which requests are counted: the key's own, or that of the first key of a chain of rotations. */
  readonly countsAs: string;
  /** The metadata fields that `contextMetadata` lists, as strings: REST APIs pass nothing else. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Returns the caller of an API behind the authorizer: REST, HTTP API (payload 1.0 and 2.0) or WebSocket.
 *
 * @returns `undefined` if the event did not come through a Latchkey authorizer
 * @throws {TypeError} if the key's limits are invalid: an authorizer of another version wrote them
 * @example
 * export const handler = async (event: APIGatewayProxyEvent) => {
 *   const caller = readCaller(event);
 *   return { statusCode: 200, body: `Hello ${caller?.key?.name ?? 'stranger'}` };
 * };
 * @example
 * // With the fields that your custom authorizer adds:
 * import type { handler as authorizer } from './authorizer.ts';
 * const tenant = readCaller<AuthorizerContextOf<typeof authorizer>>(event)?.context.tenant;
 */
export function readCaller<Context extends object = object>(event: AuthorizedEvent): Caller<Context> | undefined {
  const fields = contextIn(event);
  const { scopes, subject } = fields;
  const key = keyIn(fields);
  const authorizedBy = fields['authorizedBy'] ?? (key === undefined ? undefined : 'apiKey');
  if (typeof authorizedBy !== 'string' || typeof scopes !== 'string') return undefined;
  const added = Object.entries(fields).filter(([field, value]) => isCustomField(field) && isContextValue(value));
  return {
    authorizedBy,
    subject: typeof subject === 'string' ? subject : undefined,
    scopes: scopes === '' ? [] : scopes.split(SCOPE_SEPARATOR),
    key,
    context: asStrings(added) as Record<keyof Context, string>,
  };
}

/**
 * Returns whether a caller has a named scope, such as `orders:write`. API Gateway checks route scopes before it calls the
 * API. A caller without scopes has no named scope.
 *
 * @throws {TypeError} if `scope` is not a named scope
 */
export function hasScope(caller: Pick<Caller, 'scopes'>, scope: string): boolean {
  if (!isNamedScope(scope)) throw new TypeError(`"${scope}" is not a named scope; accepted: ${SCOPE_ACCEPTS}`);
  return caller.scopes.includes(scope);
}

/** The context of the authorizer. HTTP APIs nest it in `lambda`. */
function contextIn({ requestContext }: AuthorizedEvent): Record<string, unknown> {
  const { authorizer }: { authorizer?: unknown } = requestContext;
  if (!isObject(authorizer)) return {};
  return isObject(authorizer['lambda']) ? authorizer['lambda'] : authorizer;
}

function keyIn(fields: Record<string, unknown>): CallerKey | undefined {
  const { keyId, name, ownerId, plan, countsAs } = fields;
  if (typeof keyId !== 'string' || typeof name !== 'string') return undefined;
  const metadata = Object.entries(fields)
    .filter(([field]) => field.startsWith(METADATA_PREFIX))
    .map(([field, value]) => [field.slice(METADATA_PREFIX.length), value] as const);
  return {
    keyId,
    name,
    ownerId: typeof ownerId === 'string' ? ownerId : undefined,
    plan: typeof plan === 'string' ? plan : undefined,
    limits: limitsIn(fields),
    countsAs: typeof countsAs === 'string' ? countsAs : keyId,
    metadata: asStrings(metadata),
  };
}

function limitsIn({ rate, burst, quota }: Record<string, unknown>): Limits {
  // REST APIs pass the burst as a string.
  const limits = withoutUndefined({ rate, burst: burst === undefined ? burst : Number(burst), quota });
  const fault = limitsFault(limits);
  if (fault !== undefined) throw new TypeError(`The context of the authorizer has invalid limits: ${fault}`);
  return limits;
}

function isContextValue(value: unknown): boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

function asStrings(entries: readonly (readonly [name: string, value: unknown])[]): Record<string, string> {
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
