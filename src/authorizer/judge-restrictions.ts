import { denied, type Denied } from '../core/decision/decision.ts';
import { stageOf } from '../core/scopes/policy.ts';
import { judgeRestrictions, type EnforcedRestriction, type RequestFacts } from '../core/restrictions/restrictions.ts';
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

/** The parts of a request that restrictions depend on. A repeated header is as good as none, as in `findCredential`. */
function factsOf({ route, sourceIp, credentialParts: { headers } }: AuthorizerRequest): RequestFacts {
  const only = (wanted: string) => {
    const values = headers.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value);
    // Empty rather than undefined: the Referer must not stand in for a repeated Origin.
    return values.length > 1 ? '' : values[0];
  };
  return { stage: stageOf(route), sourceIp, origin: only('origin'), referer: only('referer') };
}
