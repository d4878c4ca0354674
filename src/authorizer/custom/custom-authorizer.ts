import { startDecisionClock } from '../decision-clock.ts';
import { emfReporter, functionNameIn, requestFields, writeToStandardOutput, type Report } from '../report.ts';
import { readRequest, type AuthorizerEvent } from '../request.ts';
import { respond, UNAUTHORIZED, type Authorization, type AuthorizerResult } from '../respond.ts';
import type { AuthorizerContext } from '../../gateway/context.ts';
import { canonical } from '../../gateway/identity-source.ts';
import { policyOf, scopesOf } from '../../core/scopes/permitted.ts';
import {
  DECISION_TIMEOUT_MS,
  fromEnvironment,
  AUTHORIZER_FIELDS,
  labelIn,
  type AuthorizerSettings,
} from '../../gateway/settings.ts';
import { fastReaderFromEnvironment } from '../../storage/fast-reader/from-environment.ts';
import type { KeyReader, OwnerReader } from '../../storage/key-store.ts';
import { withTimeout } from '../../storage/with-timeout.ts';
import { apiKey, type ApiKeyOptions } from './api-key.ts';
import type { CustomContext } from './hook.ts';
import type { Permission, PermissionResult, PreparedPermission } from './permission.ts';

/** The result of a custom authorizer. If the caller is allowed, the context has the fields that its permission adds. */
export type CustomAuthorizerResult<Context> = AuthorizerResult & {
  context?: (Partial<Context> & AuthorizerContext) | null;
};

/** A Lambda REQUEST authorizer, for REST, HTTP and WebSocket APIs. */
export type CustomAuthorizer<Context> = (event: AuthorizerEvent) => Promise<CustomAuthorizerResult<Context>>;

/** The fields that an authorizer adds to the context: `AuthorizerContextOf<typeof handler>`. */
export type AuthorizerContextOf<Handler> = Handler extends CustomAuthorizer<infer Context> ? Context : never;

/** The dependencies of the authorizer. The defaults are those for Lambda; tests can replace them. */
export interface AuthorizerOptions {
  /** The environment variables that the construct sets: the table's name and the settings. @default process.env */
  readonly environment?: NodeJS.ProcessEnv;
  /** Reads keys and owners. @default the table that the environment names */
  readonly keys?: KeyReader & OwnerReader;
  /** Receives a log line for each decision. @default standard output */
  readonly write?: (line: string) => void;
  /** @default Date.now */
  readonly now?: () => number;
}

/**
 * Returns a custom authorizer: with a permission, or with your own rules for API keys. Export it from a file, and set
 * `authorizerEntry` of the construct to the file.
 *
 * A denied request gets 401 or 403 (HTTP APIs: 403). If the authorizer cannot decide, the request gets 500. The log line of
 * the decision has the reason.
 *
 * @example
 * export const handler = createAuthorizer({
 *   authorize: ({ record }) => (record.metadata.suspended === true ? deny('suspended') : allow()),
 *   context: ({ record }) => ({ tenant: String(record.metadata.tenant) }),
 * });
 */
export function createAuthorizer<Context extends CustomContext = CustomContext>(
  permission: Permission<Context> | ApiKeyOptions<Context>,
  { environment = process.env, keys, write = writeToStandardOutput, now = Date.now }: AuthorizerOptions = {},
): CustomAuthorizer<Context> {
  const whole = 'prepare' in permission ? permission : apiKey(permission);
  // Read separately, so that the report of a failed start has the label.
  const label = labelIn(environment);
  const starting = (async () =>
    prepare(whole, fromEnvironment(environment, AUTHORIZER_FIELDS), { environment, keys, now }))();
  // Every call waits for it, and fails if it failed. Without a call, the failure must not end the process.
  starting.catch(() => undefined);
  const report = emfReporter(write, now, functionNameIn(environment));

  return async (event) => {
    const start = now();
    const clock = startDecisionClock();
    const request = readRequest(event);
    const log = (entry: Pick<Report, 'result'> & Partial<Report>) => {
      report({ label, durationMs: now() - start, ...requestFields(request), ...entry });
    };
    try {
      const { result: checked, settings } = await withTimeout('the authorizer', DECISION_TIMEOUT_MS, async () => {
        const { prepared, settings } = await starting;
        return { result: await prepared.check(request), settings };
      });
      if (checked.allowed) clock.throwIfLate();
      const { result, response } = respond(authorizationOf(checked, request.route.stageArn), request, settings);
      const { keyId, detail } = checked;
      log({ result, keyId, detail, authorizedBy: checked.allowed ? checked.authorizedBy : undefined });
      if (response === 'unauthorized') throw UNAUTHORIZED;
      if (checked.allowed) checked.onAllowed?.();
      return response as CustomAuthorizerResult<Context>;
    } catch (error) {
      if (error === UNAUTHORIZED) throw error;
      log({ result: 'error', error: String(error) });
      throw new Error('No decision could be made; see the log.', { cause: error });
    }
  };
}

async function prepare<Context>(
  permission: Permission<Context>,
  { tableName, settings }: ReturnType<typeof fromEnvironment>,
  {
    environment,
    keys,
    now,
  }: Required<Pick<AuthorizerOptions, 'environment' | 'now'>> & Pick<AuthorizerOptions, 'keys'>,
): Promise<{ prepared: PreparedPermission<Context>; settings: AuthorizerSettings }> {
  const reader = async () => keys ?? (await fastReaderFromEnvironment(environment, tableName, settings));
  const prepared = await permission.prepare({ settings, keys: reader, now });
  checkCacheSettings(prepared, settings);
  return { prepared, settings };
}

/**
 * Checks that API Gateway caches by all parts of a request that the permission reads. Otherwise it would apply a cached
 * result to the wrong request.
 *
 * @throws {Error} if it doesn't, with what to change
 */
function checkCacheSettings(
  { name, identitySources, cacheable }: PreparedPermission<unknown>,
  { cachedBy = [] }: AuthorizerSettings,
) {
  if (cachedBy.length === 0) return;
  const by = `API Gateway caches the results of this authorizer by ${cachedBy.join(', ')}`;
  if (!cacheable)
    throw new Error(`${by}, but ${name} can allow requests without one value for each of them. Set cacheTtl to 0`);
  const known = new Set(cachedBy.map(canonical));
  const missing = identitySources.filter((source) => !known.has(canonical(source)));
  if (missing.length > 0)
    throw new Error(
      `${by}, but ${name} also reads ${missing.join(', ')}. Add it to identitySources of the construct ApiKeys, or set cacheTtl to 0`,
    );
}

function authorizationOf<Context>(result: PermissionResult<Context>, stageArn: string): Authorization {
  if (!result.allowed) return { ...result, principalId: result.keyId };
  const { principalId, permitted, authorizedBy, usageIdentifier } = result;
  return {
    allowed: true,
    principalId,
    policy: policyOf(permitted, stageArn),
    context: { ...result.context, scopes: scopesOf(permitted).join(','), authorizedBy },
    usageIdentifierKey: usageIdentifier,
  };
}
