import { Duration } from 'aws-cdk-lib';
import type { KeySource } from '../functions/domain/credential.ts';
import {
  distinct,
  IDENTITY_SOURCE_ACCEPTS,
  isIdentitySource,
  placeOf,
  SOURCE_IP,
  type IdentitySource,
} from '../functions/domain/identity-source.ts';
import type { EnforcedRestriction } from '../functions/domain/restrictions.ts';

/** API Gateway's own bound. */
const MAX_TTL_SECONDS = 3600;

/** How API Gateway caches the authorizer's answers. */
export interface AnswerCache {
  /** What every request must have, and what answers are cached by. None: the authorizer is asked each time. */
  readonly identitySources: readonly IdentitySource[];
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
  const why = uncacheable(places, restrictions);
  if (why !== undefined) {
    if (seconds > 0) throw new Error(`cacheTtl must be 0 when ${why}`);
    return { identitySources: required, ttl: Duration.seconds(0) };
  }
  const byAddress: IdentitySource[] = restrictions.includes('sourceIp') ? [SOURCE_IP] : [];
  return { identitySources: distinct([...required, ...byAddress]), ttl: ttl ?? Duration.seconds(60) };
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
