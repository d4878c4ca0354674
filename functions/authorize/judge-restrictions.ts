import { denied, type Denied } from '../domain/decision.ts';
import { stageOf } from '../domain/policy.ts';
import { judgeRestrictions, type EnforcedRestriction, type RequestFacts } from '../domain/restrictions.ts';
import type { AuthorizerRequest } from './request.ts';

/**
 * Judges a request by the restrictions on its key.
 *
 * @param restrictions as the table has them
 * @returns the denial, or `undefined` if they hold
 */
export function restrictionDenial(
  restrictions: unknown,
  request: AuthorizerRequest,
  enforced: readonly EnforcedRestriction[],
): Denied | undefined {
  const verdict = judgeRestrictions(restrictions, factsOf(request), enforced);
  return verdict === 'held' ? undefined : denied(verdict);
}

/** What of a request restrictions are judged by. A header with two different values says nothing that can be relied on. */
function factsOf({ route, sourceIp, credentialParts: { headers } }: AuthorizerRequest): RequestFacts {
  const only = (wanted: string) => {
    const values = new Set(headers.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value));
    const [value] = values;
    // An empty text, and not nothing: a doubled Origin must not be made good by the Referer.
    return values.size > 1 ? '' : value;
  };
  return { stage: stageOf(route), sourceIp, origin: only('origin'), referer: only('referer') };
}
