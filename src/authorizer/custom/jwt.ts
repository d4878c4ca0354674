import {
  FetchError,
  JwksNotAvailableInCacheError,
  JwksValidationError,
  JwkValidationError,
} from 'aws-jwt-verify/error';
import { findCredential, type KeySource } from '../../gateway/credential.ts';
import { placeOf } from '../../gateway/identity-source.ts';
import type { AuthorizerSettings } from '../../gateway/settings.ts';
import { frozenCopy } from './frozen-copy.ts';
import { callHook, HookError, type CustomContext } from './hook.ts';
import { refused, type PermissionResult, type Permission } from './permission.ts';
import { grantCaller } from './recognized-caller.ts';

/** The claims of a verified token. */
export interface Claims {
  readonly sub?: string | undefined;
  readonly [claim: string]: unknown;
}

/** Verifies tokens: a `JwtVerifier` or `CognitoJwtVerifier` of aws-jwt-verify. */
export interface TokenVerifier {
  verify(token: string): Promise<object>;
}

/** Where the token is in a request, and what its holder may do. */
export interface JwtOptions<Context extends CustomContext> {
  /**
   * Where the token is.
   *
   * @default { header: 'Authorization', scheme: 'Bearer' }
   */
  readonly source?: KeySource;
  /**
   * What the token's holder may do: route scopes and named scopes. With only named scopes, the holder may call the same
   * routes as a key with only named scopes (`unscopedKeys` of the construct). With an empty array, it may call nothing. In
   * `allOf`, the result is the intersection with the key's scopes, including named scopes.
   *
   * @default every route, and in `allOf` every named scope of the key
   */
  readonly scopes?: (claims: Claims) => readonly string[];
  /**
   * Fields that the API receives in addition to the token's subject.
   *
   * @default none
   */
  readonly context?: (claims: Claims) => Context;
  /** The time limit for the verification, including fetching the issuer's keys, in milliseconds. @default 3000 */
  readonly timeoutMs?: number;
}

/**
 * Errors of the verifier that mean an outage: the issuer's keys are unavailable.
 *
 * The verifier's pause after a token with an unknown key id is not one of them, because anyone can send such tokens and
 * would cause an alarm. The consequence: after such a token, a valid token signed with a new key of the issuer is also
 * rejected with 401, for up to 10 seconds in the same execution environment.
 */
const OUTAGES = [FetchError, JwksValidationError, JwkValidationError, JwksNotAvailableInCacheError];

/**
 * Allows callers with a token that the verifier accepts: from Cognito, or from any OpenID Connect issuer. Other tokens get
 * 401, as with API Gateway's own JWT authorizer. While the issuer's keys can't be fetched, no token is accepted.
 *
 * @example
 * import { CognitoJwtVerifier } from 'aws-jwt-verify';
 * const verifier = CognitoJwtVerifier.create({ userPoolId: 'eu-west-1_abc', tokenUse: 'access', clientId: 'app' });
 * export const handler = createAuthorizer(anyOf(apiKey(), jwt(verifier)));
 */
export function jwt<Context extends CustomContext = CustomContext>(
  verifier: TokenVerifier,
  options: JwtOptions<Context> = {},
): Permission<Context> {
  const { source = { header: 'Authorization', scheme: 'Bearer' }, timeoutMs = 3000 } = options;
  const check = async (token: string, settings: AuthorizerSettings): Promise<PermissionResult<Context>> => {
    // A copy, because the verifier can cache the claims for the next request with this token.
    const claims = frozenCopy(await verified(verifier, token));
    if (typeof claims === 'string') return refused(401, 'permission', { detail: `jwt: ${claims}` });
    const subject = claims.sub;
    if (subject === undefined || subject === '') return refused(401, 'permission', { detail: 'jwt: no sub' });
    const scopes = options.scopes && { scopes: options.scopes(claims) };
    return grantCaller('jwt', { subject, ...scopes, context: options.context?.(claims) }, settings);
  };
  return {
    prepare: ({ settings }) => ({
      name: 'jwt',
      identitySources: [placeOf(source)],
      cacheable: true,
      check: async (request) => {
        const credential = findCredential(request.credentialParts, [source]);
        if (credential.found === 'none') return refused(401, 'missing');
        if (credential.found === 'conflict') return refused(401, 'malformed');
        const { text } = credential;
        return callHook('jwt', () => check(text, settings), { timeoutMs, secrets: [text] });
      },
    }),
  };
}

/**
 * Returns a token's claims, or the reason why it is rejected: the class of the error, because its message can contain parts
 * of the token.
 *
 * @throws {HookError} if the issuer's keys are unavailable
 */
async function verified(verifier: TokenVerifier, token: string): Promise<Claims | string> {
  try {
    const claims: Record<string, unknown> = { ...(await verifier.verify(token)) };
    return { ...claims, sub: typeof claims['sub'] === 'string' ? claims['sub'] : undefined };
  } catch (error) {
    if (OUTAGES.some((outage) => error instanceof outage))
      throw new HookError(`the keys of the token's issuer are unavailable: ${String(error)}`);
    return error instanceof Error ? error.constructor.name : 'refused';
  }
}
