import { Duration } from 'aws-cdk-lib';
import type { EnforcedRestriction } from '../src/core/restrictions/restrictions.ts';
import {
  canonical,
  distinct,
  headerSource,
  IDENTITY_SOURCE_ACCEPTS,
  isIdentitySource,
  isInEveryRequest,
  placeOf,
  SOURCE_IP,
  type IdentitySource,
} from '../src/gateway/identity-source.ts';
import { DEFAULT_AUTHORIZER_SETTINGS } from '../src/gateway/settings.ts';
import type { AuthorizerCachingProps } from './api-keys-props.ts';

/** The longest time that API Gateway caches a result. */
const MAX_TTL_SECONDS = 3600;

/** How API Gateway caches the results of an authorizer. */
export interface AuthorizerCaching {
  /**
   * The parts that every request must have, and that results are cached by. Never empty: AWS doesn't document what an
   * empty identity source means to each kind of API, so the list then contains the source IP address.
   */
  readonly identitySources: readonly IdentitySource[];
  /** The headers and query parameters that identify a caller. */
  readonly places: readonly IdentitySource[];
  /** Zero if nothing is cached. */
  readonly ttl: Duration;
}

/**
 * Returns how API Gateway can cache the results. It requires every identity source in each request. A result that
 * depends on something that a request can lack therefore can't be cached.
 *
 * @throws {Error} if `cacheTtl` is too long, or is not 0 although nothing can be cached
 */
export function authorizerCaching(props: AuthorizerCachingProps): AuthorizerCaching {
  const { alternativeSources = [], identitySources = [], restrictions = [], cacheTtl } = props;
  const keySources = [...(props.keySources ?? DEFAULT_AUTHORIZER_SETTINGS.keySources), ...alternativeSources];
  const seconds = cacheTtl?.toSeconds() ?? 0;
  if (seconds > MAX_TTL_SECONDS)
    throw new Error(`cacheTtl is ${String(seconds)} seconds. Use 0 to ${String(MAX_TTL_SECONDS)} seconds.`);
  const unknown = identitySources.find((source: string) => !isIdentitySource(source));
  if (unknown !== undefined)
    throw new Error(`identitySources contains "${unknown}", which is not valid. Use ${IDENTITY_SOURCE_ACCEPTS}.`);

  const places = distinct(keySources.map(placeOf));
  const required = distinct([...(places.length === 1 ? places : []), ...identitySources]);
  const recognizedBy = distinct([...places, ...identitySources]).filter((source) => !isInEveryRequest(source));
  const why = reasonNotToCache(places, restrictions);
  if (why !== undefined) {
    if (seconds > 0) throw new Error(`cacheTtl must be 0 ${why}`);
    return {
      identitySources: required.length > 0 ? required : [SOURCE_IP],
      places: recognizedBy,
      ttl: Duration.seconds(0),
    };
  }
  const byAddress: IdentitySource[] = restrictions.includes('sourceIp') ? [SOURCE_IP] : [];
  return {
    identitySources: distinct([...required, ...byAddress]),
    places: recognizedBy,
    ttl: cacheTtl ?? Duration.seconds(60),
  };
}

/**
 * Returns how an HTTP API can cache the results. Payload 2.0 passes cookies outside of the headers, and AWS doesn't
 * document whether the header `Cookie` works as an identity source there. So nothing is cached for keys in a cookie.
 *
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function httpAuthorizerCaching(caching: AuthorizerCaching): AuthorizerCaching {
  const isCookie = (source: IdentitySource) => canonical(source) === canonical(headerSource('Cookie'));
  if (!caching.identitySources.some(isCookie)) return caching;
  return { ...caching, identitySources: [SOURCE_IP], ttl: Duration.seconds(0) };
}

function reasonNotToCache(
  places: readonly IdentitySource[],
  restrictions: readonly EnforcedRestriction[],
): string | undefined {
  if (places.length > 1)
    return 'when a request can contain the key in several places. API Gateway caches by identity source, and rejects a request that lacks one of them.';
  if (restrictions.includes('origin'))
    return 'with the restriction origin. The result depends on the Origin header, and API Gateway rejects a request that lacks an identity source. Requests from servers have no Origin header.';
  return undefined;
}
