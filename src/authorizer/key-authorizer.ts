import type { Decision } from '../core/decision/decision.ts';
import type { UnverifiedKey } from '../core/keys/key.ts';
import { usageIdentifier } from '../core/limits/usage-identifier.ts';
import { allowPolicy } from '../core/scopes/policy.ts';
import { contextOf } from '../gateway/context.ts';
import type { AuthorizerSettings } from '../gateway/settings.ts';
import type { KeyReader, OwnerReader } from '../storage/key-store.ts';
import { startDecisionClock } from './decision-clock.ts';
import { decideKey, findKey, recordUse } from './decide-key.ts';
import { requestFields, type Report, type Reporter } from './report.ts';
import { readRequest, type AuthorizerEvent, type AuthorizerRequest } from './request.ts';
import { respond, UNAUTHORIZED, type Authorization, type AuthorizerResult } from './respond.ts';
import type { WithinLimits } from './within-limits.ts';

/** Handles the event of a REQUEST authorizer. */
export type KeyAuthorizer = (event: AuthorizerEvent) => Promise<AuthorizerResult>;

/** The dependencies of the authorizer. */
export interface AuthorizerDependencies {
  readonly keys: KeyReader;
  /** Reads suspended owners. Required if `ownerSuspension` is on. @default owners are not checked */
  readonly owners?: OwnerReader | undefined;
  readonly report: Reporter;
  /** Counts requests. @default limits are not checked: the API or a usage plan counts requests */
  readonly withinLimits?: WithinLimits;
  /** @default Date.now */
  readonly now?: () => number;
}

/**
 * Returns the authorizer for API keys: parse the request, look up the key, decide, respond.
 *
 * If the request has no key or a malformed key, the authorizer throws `Unauthorized` (401), or denies the request on HTTP
 * APIs (403). If it cannot decide, it throws another error (500). The request is rejected in all of these cases.
 *
 * @throws {TypeError} if `ownerSuspension` is on and `owners` is missing
 */
export function createKeyAuthorizer(
  settings: AuthorizerSettings,
  { keys, owners, report, withinLimits, now = Date.now }: AuthorizerDependencies,
): KeyAuthorizer {
  // Without owners, keys of suspended owners would work.
  if (settings.ownerSuspension && !owners) throw new TypeError('ownerSuspension needs owners');
  return async (event) => {
    const start = now();
    const clock = startDecisionClock();
    const log = (entry: Pick<Report, 'result'> & Partial<Report>) => {
      report({ label: settings.label, durationMs: now() - start, ...entry });
    };

    // Parse.
    const request = readRequest(event);
    const key = findKey(request, settings);
    if ('reason' in key) {
      const { result, response } = respond({ ...key, status: 401 }, request, settings);
      log({ result, ...requestFields(request) });
      if (response === 'unauthorized') throw UNAUTHORIZED;
      return response;
    }

    const fields = { keyId: key.prefix, ...requestFields(request) };
    let decision: Decision;
    let responded: ReturnType<typeof respond>;
    try {
      // Look up and decide.
      decision = await decideKey(key, request, {
        ...{ settings, keys, owners, now },
        withinLimits: withinLimits && ((verified) => withinLimits(verified, now() - start)),
      });
      // Respond.
      responded = respond(authorizationOf(decision, key, request, settings), request, settings);
      if (decision.allowed) clock.throwIfLate();
    } catch (error) {
      log({ result: 'error', error: String(error), ...fields });
      throw new Error('No decision could be made; see the log.', { cause: error });
    }
    log({ result: responded.result, ...fields });
    if (decision.allowed) recordUse(decision.record, key, start, { settings, keys });
    // `unauthorized` is only for requests without a readable key.
    return responded.response as AuthorizerResult;
  };
}

function authorizationOf(
  decision: Decision,
  { prefix }: UnverifiedKey,
  { route }: AuthorizerRequest,
  { contextMetadata, unscopedKeys, usagePlans }: AuthorizerSettings,
): Authorization {
  if (!decision.allowed) return { ...decision, status: 403, principalId: prefix };
  const { record, limits } = decision;
  return {
    allowed: true,
    principalId: prefix,
    policy: allowPolicy(record.scopes, route.stageArn, unscopedKeys),
    context: contextOf(record, contextMetadata, limits),
    usageIdentifierKey: usagePlans ? usageIdentifier(record) : undefined,
  };
}
