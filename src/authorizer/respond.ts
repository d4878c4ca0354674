import type { APIGatewayAuthorizerResult, APIGatewaySimpleAuthorizerWithContextResult } from 'aws-lambda';
import type { DenialReason } from '../core/decision/denial-reasons.ts';
import { denyPolicy, permits, type PolicyDocument } from '../core/scopes/policy.ts';
import type { AuthorizerContext } from '../gateway/context.ts';
import { resultTooLarge } from '../gateway/result-size.ts';
import type { AuthorizerSettings } from '../gateway/settings.ts';
import type { AuthorizerRequest } from './request.ts';

/** The result of an authorizer, as API Gateway accepts it. */
export type AuthorizerResult =
  APIGatewayAuthorizerResult | APIGatewaySimpleAuthorizerWithContextResult<AuthorizerContext>;

/** The input of a response: an allowed caller with its permissions, or a denied caller. */
export type Authorization =
  | {
      readonly allowed: true;
      readonly principalId: string;
      /** The routes that the caller may call. */
      readonly policy: PolicyDocument;
      readonly context: AuthorizerContext;
      /** The identifier by which the usage plans of a REST API count the request. */
      readonly usageIdentifierKey?: string | undefined;
    }
  | {
      readonly allowed: false;
      /** 401: the caller was not recognized. 403: the caller may call nothing. */
      readonly status: 401 | 403;
      readonly reason: DenialReason;
      readonly principalId?: string | undefined;
    };

/** The response, and the result for the log. */
interface LoggedResponse {
  readonly result: 'allowed' | DenialReason;
  /** `unauthorized`: throw {@link UNAUTHORIZED}. */
  readonly response: AuthorizerResult | 'unauthorized';
}

/**
 * A REST or WebSocket API returns 401 for exactly this message, and 500 for any other. For HTTP APIs, AWS documents 401
 * only if an identity source is missing.
 *
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html
 */
class Unauthorized extends Error {
  override readonly name = 'Unauthorized';
}

/** Created once, because recording the stack trace is half the cost of rejecting a malformed key. */
export const UNAUTHORIZED = new Unauthorized('Unauthorized');

/** The principal of a caller that was not recognized: API Gateway requires one. */
const UNKNOWN_PRINCIPAL = 'refused';

/**
 * Turns a decision into what API Gateway accepts: an IAM policy, the simple response of an HTTP API, or 401. A denied
 * caller does not learn the reason.
 *
 * @throws {RangeError} if the result is larger than API Gateway accepts
 */
export function respond(
  authorization: Authorization,
  { route, acceptsSimpleResponse, supportsUnauthorized }: AuthorizerRequest,
  { httpResponse }: Pick<AuthorizerSettings, 'httpResponse'>,
): LoggedResponse {
  if (!authorization.allowed && authorization.status === 401 && supportsUnauthorized)
    return { result: authorization.reason, response: 'unauthorized' };

  const policyDocument = authorization.allowed ? authorization.policy : denyPolicy(route.stageArn);
  const context = authorization.allowed ? authorization.context : {};
  const isAuthorized = permits(policyDocument, route.arn);
  const response =
    acceptsSimpleResponse && httpResponse === 'simple'
      ? { isAuthorized, context }
      : {
          principalId: authorization.principalId ?? UNKNOWN_PRINCIPAL,
          policyDocument,
          context,
          ...usageIdentifierIn(authorization),
        };

  const fault = resultTooLarge(response);
  if (fault !== undefined) throw new RangeError(fault);
  return { result: !authorization.allowed ? authorization.reason : isAuthorized ? 'allowed' : 'scope', response };
}

function usageIdentifierIn(authorization: Authorization): Pick<APIGatewayAuthorizerResult, 'usageIdentifierKey'> {
  const usageIdentifierKey = authorization.allowed ? authorization.usageIdentifierKey : undefined;
  return usageIdentifierKey === undefined ? {} : { usageIdentifierKey };
}
