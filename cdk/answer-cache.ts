import { Duration } from 'aws-cdk-lib';
import type { KeySource } from '../src/gateway/credential.ts';
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
import type { EnforcedRestriction } from '../src/core/restrictions/restrictions.ts';

/** API Gateway's own bound. */
const MAX_TTL_SECONDS = 3600;

/** How API Gateway caches the authorizer's results. */
export interface AnswerCache {
  /**
   * What every request must have, and what results are cached by. Never empty: AWS doesn't document what an empty
   * identity source means to each kind of API, so the caller's address, which every request has, stands in for it.
   */
  readonly identitySources: readonly IdentitySource[];
  /** The headers and query parameters that a caller may be recognized by. */
  readonly places: readonly IdentitySource[];
  /** Zero if nothing is cached. */
  readonly ttl: Duration;
}

export interface CacheOptions {
  /** Where callers may be recognised by. */
  readonly keySources: readonly KeySource[];
  /** What else every request has, and the answer depends on. */
  readonly identitySources: readonly IdentitySource[];
  readonly restrictions: readonly EnforcedRestriction[];
  readonly ttl: Duration | undefined;
}

/**
 * How answers can be cached. API Gateway wants every identity source in each request, so all that an answer
 * depends on must be something that every request has; where it is not, nothing can be cached.
 *
 * @throws {Error} if a time to live is asked for where there can be none, or is out of bounds
 */
export function answerCache({ keySources, identitySources, restrictions, ttl }: CacheOptions): AnswerCache {
  const seconds = ttl?.toSeconds() ?? 0;
  if (seconds > MAX_TTL_SECONDS)
    throw new Error(`cacheTtl is ${String(seconds)} seconds; accepted: 0 to ${String(MAX_TTL_SECONDS)} seconds`);
  const unknown = identitySources.find((source: string) => !isIdentitySource(source));
  if (unknown !== undefined)
    throw new Error(`"${unknown}" in identitySources is none; accepted: ${IDENTITY_SOURCE_ACCEPTS}`);

  const places = distinct(keySources.map(placeOf));
  const required = distinct([...(places.length === 1 ? places : []), ...identitySources]);
  const recognizedBy = distinct([...places, ...identitySources]).filter((source) => !isInEveryRequest(source));
  const why = uncacheable(places, restrictions);
  if (why !== undefined) {
    if (seconds > 0) throw new Error(`cacheTtl must be 0 when ${why}`);
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
    ttl: ttl ?? Duration.seconds(60),
  };
}

/**
 * How an HTTP API caches. Payload 2.0 carries cookies outside of the headers, and AWS doesn't document whether the
 * header `Cookie` works as an identity source there. So nothing is cached for keys in a cookie.
 *
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function httpAnswerCache(cache: AnswerCache): AnswerCache {
  const isCookie = (source: IdentitySource) => canonical(source) === canonical(headerSource('Cookie'));
  if (!cache.identitySources.some(isCookie)) return cache;
  return { ...cache, identitySources: [SOURCE_IP], ttl: Duration.seconds(0) };
}

function uncacheable(
  places: readonly IdentitySource[],
  restrictions: readonly EnforcedRestriction[],
): string | undefined {
  if (places.length > 1)
    return 'the key can be in several places: API Gateway caches by the place of the key, and would refuse every request that has not a key in each of them';
  if (restrictions.includes('origin'))
    return "keys may be restricted to origins: the answer then depends on the header Origin, and were that an identity source, API Gateway would refuse every request without one, a server's above all";
  return undefined;
}
