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
import { callHook, HookError, type OwnContext } from './hook.ts';
import { refused, type Outcome, type Permission } from './permission.ts';
import { letInAs } from './recognised.ts';

/** The claims of a token, checked. */
export interface Claims {
  readonly sub?: string | undefined;
  readonly [claim: string]: unknown;
}

/** What checks a token: a `JwtVerifier` or `CognitoJwtVerifier` of aws-jwt-verify. */
export interface TokenVerifier {
  verify(token: string): Promise<object>;
}

/** Where tokens are, and what their holders may do. */
export interface JwtOptions<Context extends OwnContext> {
  /**
   * Where the token is.
   *
   * @default { header: 'Authorization', scheme: 'Bearer' }
   */
  readonly source?: KeySource;
  /**
   * What the token's holder may do. The list counts as it is: with names alone the holder may call what a key with
   * names alone may (`unscopedKeys` of the construct), and an empty list opens nothing. In `allOf` it leaves of a key's
   * scopes what it has too, names included.
   *
   * @default every route, and in `allOf` every name that the key has
   */
  readonly scopes?: (claims: Claims) => readonly string[];
  /**
   * What the API behind gets to know beside the token's subject.
   *
   * @default nothing
   */
  readonly context?: (claims: Claims) => Context;
  /** How long checking may take, fetching the issuer's keys included; in milliseconds. @default 3000 */
  readonly timeoutMs?: number;
}

/**
 * Errors of the verifier that say nothing of the token: the issuer's keys cannot be had.
 *
 * Not the pause that it makes after a token which names a key that the issuer does not have: anybody can send such
 * tokens, and would raise the alarm by them. The price: while somebody does, a good token by a key that the issuer has
 * only just begun to use is 401 as well, for up to 10 seconds after each of them, in that environment.
 */
const OUTAGES = [FetchError, JwksValidationError, JwkValidationError, JwksNotAvailableInCacheError];

/**
 * Lets in whoever has a token that the verifier takes: of Cognito, or of any issuer that speaks OpenID Connect. A
 * token that it refuses is 401, as with API Gateway's own JWT authorizer. While the issuer's keys cannot be
 * fetched nobody gets in by a token.
 *
 * @example
 * import { CognitoJwtVerifier } from 'aws-jwt-verify';
 * const verifier = CognitoJwtVerifier.create({ userPoolId: 'eu-west-1_abc', tokenUse: 'access', clientId: 'app' });
 * export const handler = createAuthorizer(anyOf(apiKey(), jwt(verifier)));
 */
export function jwt<Context extends OwnContext = OwnContext>(
  verifier: TokenVerifier,
  options: JwtOptions<Context> = {},
): Permission<Context> {
  const { source = { header: 'Authorization', scheme: 'Bearer' }, timeoutMs = 3000 } = options;
  const check = async (token: string, settings: AuthorizerSettings): Promise<Outcome<Context>> => {
    // A copy, because the verifier may keep its object for the next request with this token.
    const claims = frozenCopy(await verified(verifier, token));
    if (typeof claims === 'string') return refused(401, 'permission', { detail: `jwt: ${claims}` });
    const subject = claims.sub;
    if (subject === undefined || subject === '') return refused(401, 'permission', { detail: 'jwt: no sub' });
    const scopes = options.scopes && { scopes: options.scopes(claims) };
    return letInAs('jwt', { subject, ...scopes, context: options.context?.(claims) }, settings);
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
 * A token's claims, or why it is refused: by the kind of the error, for its message can hold parts of the token.
 *
 * @throws {HookError} if the issuer's keys cannot be had
 */
async function verified(verifier: TokenVerifier, token: string): Promise<Claims | string> {
  try {
    const claims: Record<string, unknown> = { ...(await verifier.verify(token)) };
    return { ...claims, sub: typeof claims['sub'] === 'string' ? claims['sub'] : undefined };
  } catch (error) {
    if (OUTAGES.some((outage) => error instanceof outage))
      throw new HookError(`the keys of the token's issuer cannot be had: ${String(error)}`);
    return error instanceof Error ? error.constructor.name : 'refused';
  }
}
