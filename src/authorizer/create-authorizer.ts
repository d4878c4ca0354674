import { contextOf } from '../gateway/context.ts';
import type { Decision } from '../core/decision/decision.ts';
import type { UnverifiedKey } from '../core/keys/key.ts';
import { allowPolicy } from '../core/scopes/policy.ts';
import type { AuthorizerSettings } from '../gateway/settings.ts';
import { usageIdentifier } from '../core/limits/usage-identifier.ts';
import type { KeyReader, OwnerReader } from '../storage/key-store.ts';
import { startDecisionClock } from './decision-clock.ts';
import { decideKey, findKey, noteUse } from './decide-key.ts';
import { about, type Report, type Reporter } from './report.ts';
import { readRequest, type AuthorizerEvent, type AuthorizerRequest } from './request.ts';
import { respond, UNAUTHORIZED, type AuthorizerAnswer, type Outcome } from './respond.ts';
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
      const { result, answer } = respond({ ...key, status: 401 }, request, settings);
      note({ result, ...about(request) });
      if (answer === 'unauthorized') throw UNAUTHORIZED;
      return answer;
    }
    const entry = { keyId: key.prefix, ...about(request) };
    let decision: Decision;
    let response: ReturnType<typeof respond>;
    try {
      decision = await decideKey(key, request, {
        ...{ settings, keys, owners, now },
        withinLimits: withinLimits && ((verified) => withinLimits(verified, now() - start)),
      });
      response = respond(outcomeOf(decision, key, request, settings), request, settings);
      if (decision.allowed) clock.refuseIfLate();
    } catch (error) {
      note({ result: 'error', error: String(error), ...entry });
      throw new Error('The request could not be decided; the log says why.', { cause: error });
    }
    note({ result: response.result, ...entry });
    if (decision.allowed) noteUse(decision.record, key, start, { settings, keys });
    return response.answer as AuthorizerAnswer;
  };
}

function outcomeOf(
  decision: Decision,
  { prefix }: UnverifiedKey,
  { route }: AuthorizerRequest,
  { contextMetadata, unscopedKeys, usagePlans }: AuthorizerSettings,
): Outcome {
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
