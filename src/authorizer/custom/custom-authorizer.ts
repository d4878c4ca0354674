import { startDecisionClock } from '../decision-clock.ts';
import { about, emfReporter, functionNameIn, writeToStandardOutput, type Report } from '../report.ts';
import { readRequest, type AuthorizerEvent } from '../request.ts';
import { respond, UNAUTHORIZED, type AuthorizerAnswer, type Outcome as ResponseOutcome } from '../respond.ts';
import type { AuthorizerContext } from '../../gateway/context.ts';
import { canonical } from '../../gateway/identity-source.ts';
import { policyOf, scopesOf } from '../../core/scopes/permitted.ts';
import { DECISION_TIMEOUT_MS, fromEnvironment, labelIn, type AuthorizerSettings } from '../../gateway/settings.ts';
import { readerFrom } from '../../storage/fast-reader/reader-from.ts';
import type { KeyReader, OwnerReader } from '../../storage/key-store.ts';
import { withTimeout } from '../../storage/with-timeout.ts';
import { apiKey, type ApiKeyOptions } from './api-key.ts';
import type { OwnContext } from './hook.ts';
import type { Guard, Outcome, Permission } from './permission.ts';

/** What an authorizer answers API Gateway; of a caller who is let in the context holds what its permission has given. */
export type OwnAnswer<Context> = AuthorizerAnswer & { context?: (Partial<Context> & AuthorizerContext) | null };

/** A Lambda REQUEST authorizer, for REST, HTTP and WebSocket APIs. */
export type OwnAuthorizer<Context> = (event: AuthorizerEvent) => Promise<OwnAnswer<Context>>;

/** The context that an authorizer gives the API behind it. */
export type AuthorizerContextOf<Handler> = Handler extends OwnAuthorizer<infer Context> ? Context : never;

/** What the authorizer works with; for tests. */
export interface AuthorizerOptions {
  /** Says where the table is, and holds the settings that the construct has made. @default process.env */
  readonly environment?: NodeJS.ProcessEnv;
  /** @default the table that the environment names */
  readonly keys?: KeyReader & OwnerReader;
  /** Takes a line for each decision. @default standard output */
  readonly write?: (line: string) => void;
  /** @default Date.now */
  readonly now?: () => number;
}

/**
 * An authorizer of your own: with a permission, or with what is special about your API keys. It goes into a file
 * that `authorizerEntry` of the construct names.
 *
 * Whatever fails, the request is rejected: with 401 or 403 if it is refused (HTTP APIs: 403), with 500 if there is no
 * decision. The log says why.
 *
 * @example
 * export const handler = createAuthorizer({
 *   authorize: ({ record }) => (record.metadata.suspended === true ? deny('suspended') : allow()),
 *   context: ({ record }) => ({ tenant: String(record.metadata.tenant) }),
 * });
 */
export function createAuthorizer<Context extends OwnContext = OwnContext>(
  permission: Permission<Context> | ApiKeyOptions<Context>,
  { environment = process.env, keys, write = writeToStandardOutput, now = Date.now }: AuthorizerOptions = {},
): OwnAuthorizer<Context> {
  const whole = 'prepare' in permission ? permission : apiKey(permission);
  // Read by itself, so that the report of a failed start has the label where the environment holds one.
  const label = labelIn(environment);
  const starting = (async () => start(whole, fromEnvironment(environment), { environment, keys, now }))();
  // Every call waits for it, and fails if it has failed; until one does, nobody may have heard of that.
  starting.catch(() => undefined);
  const report = emfReporter(write, now, functionNameIn(environment));

  return async (event) => {
    const began = now();
    const clock = startDecisionClock();
    const request = readRequest(event);
    const note = (entry: Pick<Report, 'result'> & Partial<Report>) => {
      report({ label, durationMs: now() - began, ...about(request), ...entry });
    };
    try {
      const { outcome, settings } = await withTimeout('the authorizer', DECISION_TIMEOUT_MS, async () => {
        const { guard, settings } = await starting;
        return { outcome: await guard.check(request), settings };
      });
      if (outcome.allowed) clock.refuseIfLate();
      const { result, answer } = respond(responseOutcome(outcome, request.route.stageArn), request, settings);
      const { keyId, detail } = outcome;
      note({ result, keyId, detail, authorizedBy: outcome.allowed ? outcome.authorizedBy : undefined });
      if (answer === 'unauthorized') throw UNAUTHORIZED;
      if (outcome.allowed) outcome.letIn?.();
      return answer as OwnAnswer<Context>;
    } catch (error) {
      if (error === UNAUTHORIZED) throw error;
      note({ result: 'error', error: String(error) });
      throw new Error('nobody could be let in', { cause: error });
    }
  };
}

async function start<Context>(
  permission: Permission<Context>,
  { tableName, settings }: ReturnType<typeof fromEnvironment>,
  {
    environment,
    keys,
    now,
  }: Required<Pick<AuthorizerOptions, 'environment' | 'now'>> & Pick<AuthorizerOptions, 'keys'>,
): Promise<{ guard: Guard<Context>; settings: AuthorizerSettings }> {
  const reader = async () => keys ?? (await readerFrom(environment, tableName, settings));
  const guard = await permission.prepare({ settings, keys: reader, now });
  refuseWrongCache(guard, settings);
  return { guard, settings };
}

/** API Gateway must not give the answer to one request to another, because it does not look where the code does. */
function refuseWrongCache({ name, identitySources, cacheable }: Guard<unknown>, { cachedBy = [] }: AuthorizerSettings) {
  if (cachedBy.length === 0) return;
  const by = `API Gateway caches the answers of this authorizer by ${cachedBy.join(', ')}`;
  if (!cacheable)
    throw new Error(`${by}, but not every request that ${name} lets in has one value in each: set cacheTtl to 0`);
  const known = new Set(cachedBy.map(canonical));
  const missing = identitySources.filter((source) => !known.has(canonical(source)));
  if (missing.length > 0)
    throw new Error(
      `${by}, but ${name} also reads ${missing.join(', ')}: add it to identitySources of the construct ApiKeys, or set cacheTtl to 0`,
    );
}

/** The outcome of a custom authorizer's permission, as the response needs it. */
function responseOutcome<Context>(outcome: Outcome<Context>, stageArn: string): ResponseOutcome {
  if (!outcome.allowed) return { ...outcome, principalId: outcome.keyId };
  const { principalId, permitted, authorizedBy, usageIdentifier } = outcome;
  return {
    allowed: true,
    principalId,
    policy: policyOf(permitted, stageArn),
    context: { ...outcome.context, scopes: scopesOf(permitted).join(','), authorizedBy },
    usageIdentifierKey: usageIdentifier,
  };
}
