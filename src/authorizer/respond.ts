import type { APIGatewayAuthorizerResult, APIGatewaySimpleAuthorizerWithContextResult } from 'aws-lambda';
import type { DenialReason } from '../core/decision/denial-reasons.ts';
import { denyPolicy, permits, type PolicyDocument } from '../core/scopes/policy.ts';
import type { AuthorizerContext } from '../gateway/context.ts';
import { resultTooLarge } from '../gateway/result-size.ts';
import type { AuthorizerSettings } from '../gateway/settings.ts';
import type { AuthorizerRequest } from './request.ts';

/** What API Gateway accepts from an authorizer. */
export type AuthorizerAnswer =
  APIGatewayAuthorizerResult | APIGatewaySimpleAuthorizerWithContextResult<AuthorizerContext>;

/** A decision, as the response needs it. */
export type Outcome =
  | {
      readonly allowed: true;
      readonly principalId: string;
      /** What the caller may call. */
      readonly policy: PolicyDocument;
      readonly context: AuthorizerContext;
      /** Tells a REST API's usage plans whose request it is. */
      readonly usageIdentifierKey?: string | undefined;
    }
  | {
      readonly allowed: false;
      /** 401: the caller was not recognized. 403: the caller may call nothing. */
      readonly status: 401 | 403;
      readonly reason: DenialReason;
      readonly principalId?: string | undefined;
    };

/** The response, with what the log says of the decision. */
interface Response {
  readonly result: 'allowed' | DenialReason;
  /** `unauthorized`: throw {@link UNAUTHORIZED}. */
  readonly answer: AuthorizerAnswer | 'unauthorized';
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

/** Made once: recording a stack that nobody reads is half the cost of rejecting a malformed key. */
export const UNAUTHORIZED = new Unauthorized('Unauthorized');

/** The principal of a response for a caller that was not recognized: API Gateway requires one. */
const NO_CALLER = 'refused';

/**
 * Turns a decision into what API Gateway accepts: an IAM policy, the simple response of an HTTP API, or 401. A denied
 * caller does not learn the reason.
 *
 * @throws {RangeError} if API Gateway would not accept the result because of its size, with what to do
 */
export function respond(
  outcome: Outcome,
  { route, takesSimpleResponse, canAnswerUnauthorized }: AuthorizerRequest,
  { httpResponse }: Pick<AuthorizerSettings, 'httpResponse'>,
): Response {
  if (!outcome.allowed && outcome.status === 401 && canAnswerUnauthorized)
    return { result: outcome.reason, answer: 'unauthorized' };

  const policyDocument = outcome.allowed ? outcome.policy : denyPolicy(route.stageArn);
  const context = outcome.allowed ? outcome.context : {};
  const isAuthorized = permits(policyDocument, route.arn);
  const answer =
    takesSimpleResponse && httpResponse === 'simple'
      ? { isAuthorized, context }
      : { principalId: outcome.principalId ?? NO_CALLER, policyDocument, context, ...usageIdentifierIn(outcome) };

  const fault = resultTooLarge(answer);
  if (fault !== undefined) throw new RangeError(fault);
  return { result: !outcome.allowed ? outcome.reason : isAuthorized ? 'allowed' : 'scope', answer };
}

function usageIdentifierIn(outcome: Outcome): Pick<APIGatewayAuthorizerResult, 'usageIdentifierKey'> {
  const usageIdentifierKey = outcome.allowed ? outcome.usageIdentifierKey : undefined;
  return usageIdentifierKey === undefined ? {} : { usageIdentifierKey };
}
