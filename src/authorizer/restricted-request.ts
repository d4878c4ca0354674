import type { RestrictedRequest } from '../core/decision/checks.ts';
import { stageOf } from '../core/scopes/policy.ts';
import type { AuthorizerRequest } from './request.ts';

/**
 * Returns the parts of a request that restrictions depend on. All of them are strings, so that none counts as not loaded: a
 * missing part is empty, and so is a repeated header, as in `findCredential`. The `Referer` stands in for a missing
 * `Origin`, but not for a repeated one.
 */
export function restrictedRequestOf({
  route,
  sourceIp = '',
  credentialParts: { headers },
}: AuthorizerRequest): Readonly<Record<keyof RestrictedRequest, string>> {
  const only = (wanted: string) => {
    const values = headers.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value);
    return values.length > 1 ? '' : values[0];
  };
  return { stage: stageOf(route), sourceIp, origin: only('origin') ?? only('referer') ?? '' };
}
