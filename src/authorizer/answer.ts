import type { APIGatewayAuthorizerResult, APIGatewaySimpleAuthorizerWithContextResult } from 'aws-lambda';
import type { AuthorizerContext } from '../gateway/context.ts';
import { permits, type PolicyDocument } from '../core/scopes/policy.ts';
import { resultTooLarge } from '../gateway/result-size.ts';

/** What API Gateway takes from an authorizer. */
export type AuthorizerAnswer =
  APIGatewayAuthorizerResult | APIGatewaySimpleAuthorizerWithContextResult<AuthorizerContext>;

/**
 * A REST or WebSocket API answers 401 to exactly this message, and 500 to any other. For HTTP APIs AWS documents 401 only
 * if an identity source is missing.
 *
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html
 */
class Unauthorized extends Error {
  override readonly name = 'Unauthorized';
}

/** One for all: a refusal is no fault, nobody needs its stack, and recording one is half the cost of a malformed key. */
export const UNAUTHORIZED = new Unauthorized('Unauthorized');

/**
 * Checks that API Gateway accepts a result: it answers 500 to a larger one, and the log would say that it was allowed.
 *
 * @throws {RangeError} with the size, and what to do
 */
export function withinSize(result: AuthorizerAnswer): AuthorizerAnswer {
  const fault = resultTooLarge(result);
  if (fault !== undefined) throw new RangeError(fault);
  return result;
}

/** The principal of a response for a caller that was not recognized: API Gateway requires one. */
export const NO_CALLER = 'refused';

/**
 * The IAM-policy response of REST, WebSocket and HTTP APIs.
 *
 * @param usageIdentifierKey tells a REST API's usage plans whose request it is
 */
export function iamAnswer(
  principalId: string,
  policyDocument: PolicyDocument,
  context: AuthorizerContext,
  usageIdentifierKey?: string,
): APIGatewayAuthorizerResult {
  return { principalId, policyDocument, context, ...(usageIdentifierKey !== undefined && { usageIdentifierKey }) };
}

/** The simple response of HTTP APIs: a verdict on this one call. */
export function simpleAnswer(
  policy: PolicyDocument,
  arn: string,
  context: AuthorizerContext,
): APIGatewaySimpleAuthorizerWithContextResult<AuthorizerContext> {
  return { isAuthorized: permits(policy, arn), context };
}
