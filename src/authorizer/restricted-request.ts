import type { RestrictedRequest } from '../core/restrictions/restrictions.ts';
import { stageOf } from '../core/scopes/policy.ts';
import type { AuthorizerRequest } from './request.ts';

/**
 * Returns the parts of a request that restrictions depend on. A missing part is an empty string, because `undefined` means
 * "not loaded". A repeated header also counts as missing, as in `findCredential`. Without an `Origin`, the `Referer` is
 * used; with a repeated `Origin`, it is not.
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
