import { contextOf } from '../gateway/context.ts';
import type { Decision } from '../core/decision/decision.ts';
import type { UnverifiedKey } from '../core/keys/key.ts';
import { allowPolicy, denyPolicy, permits } from '../core/scopes/policy.ts';
import type { AuthorizerSettings } from '../gateway/settings.ts';
import { usageIdentifier } from '../core/limits/usage-identifier.ts';
import type { KeyReader, OwnerReader } from '../storage/key-store.ts';
import { iamAnswer, NO_CALLER, simpleAnswer, UNAUTHORIZED, withinSize, type AuthorizerAnswer } from './answer.ts';
import { startDecisionClock } from './decision-clock.ts';
import { findKey, judgeKey, noteUse } from './judge-key.ts';
import { about, type Report, type Reporter } from './report.ts';
import { readRequest, type AuthorizerEvent, type AuthorizerRequest } from './request.ts';
import type { WithinLimits } from './within-limits.ts';

export type Authorizer = (event: AuthorizerEvent) => Promise<AuthorizerAnswer>;

export interface AuthorizerDependencies {
  readonly keys: KeyReader;
  /** Tells which owners are suspended. @default nobody asks; must be there where the settings say that they can be */
  readonly owners?: OwnerReader | undefined;
  readonly report: Reporter;
  /** Sees to the keys' limits. @default the authorizer does not: the API behind it, or a usage plan */
  readonly withinLimits?: WithinLimits;
  /** @default Date.now */
  readonly now?: () => number;
}

/**
 * The authorizer: parse → look up → decide → answer.
 *
 * If the request has no key or a malformed one, it throws `Unauthorized` (401), or denies the request on HTTP APIs (403).
 * It throws any other error if it cannot decide (500). In each case the request is rejected.
 */
export function createAuthorizer(
  settings: AuthorizerSettings,
  { keys, owners, report, withinLimits, now = Date.now }: AuthorizerDependencies,
): Authorizer {
  // A suspension that nobody looks for would be none.
  if (settings.ownerSuspension && !owners) throw new TypeError('ownerSuspension needs owners');
  return async (event) => {
    const start = now();
    const clock = startDecisionClock();
    const note = (entry: Pick<Report, 'result'> & Partial<Report>) => {
      report({ label: settings.label, durationMs: now() - start, ...entry });
    };
    const request = readRequest(event);
    const key = findKey(request, settings);
    if ('reason' in key) {
      note({ result: key.reason, ...about(request) });
      if (request.canAnswerUnauthorized) throw UNAUTHORIZED;
      return denial(request, settings);
    }
    const entry = { keyId: key.prefix, ...about(request) };
    let decision: Decision;
    let response: ReturnType<typeof respond>;
    try {
      decision = await judgeKey(key, request, { settings, keys, owners, now });
      if (withinLimits) decision = await withinLimits(decision, now() - start);
      response = respond(decision, key, request, settings);
      if (decision.allowed) clock.refuseIfLate();
    } catch (error) {
      note({ result: 'error', error: String(error), ...entry });
      throw new Error('The request could not be decided; the log says why.', { cause: error });
    }
    note({ result: response.result, ...entry });
    if (decision.allowed) noteUse(decision.record, key, start, { settings, keys });
    return response.answer;
  };
}

/** The response to an HTTP API for a request without a key, or with a malformed one. */
function denial({ route, takesSimpleResponse }: AuthorizerRequest, settings: AuthorizerSettings): AuthorizerAnswer {
  const policy = denyPolicy(route.stageArn);
  const simple = takesSimpleResponse && settings.httpResponse === 'simple';
  return simple ? simpleAnswer(policy, route.arn, {}) : iamAnswer(NO_CALLER, policy, {});
}

function respond(
  decision: Decision,
  key: UnverifiedKey,
  { route, takesSimpleResponse }: AuthorizerRequest,
  settings: AuthorizerSettings,
): { result: Report['result']; answer: AuthorizerAnswer } {
  const policy = decision.allowed
    ? allowPolicy(decision.record.scopes, route.stageArn, settings.unscopedKeys)
    : denyPolicy(route.stageArn);
  // Who was refused, and why, is not the caller's to know.
  const context = decision.allowed ? contextOf(decision.record, settings.contextMetadata) : {};
  const identifier = decision.allowed && settings.usagePlans ? usageIdentifier(decision.record) : undefined;
  const simple = takesSimpleResponse && settings.httpResponse === 'simple';
  return {
    result: !decision.allowed ? decision.reason : permits(policy, route.arn) ? 'allowed' : 'scope',
    answer: withinSize(
      simple ? simpleAnswer(policy, route.arn, context) : iamAnswer(key.prefix, policy, context, identifier),
    ),
  };
}
