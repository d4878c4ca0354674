import type { Context } from 'aws-lambda';

/**
 * The Lambda alias through which API Gateway invokes a management function. The alias's resource policy allows API
 * Gateway and nothing else. So every event that arrives through it comes from API Gateway.
 */
export const HTTP_ALIAS = 'http';

/**
 * Whether a function was invoked through {@link HTTP_ALIAS}. This depends on the ARN that Lambda reports and never on the
 * event, because a direct invocation can pass any event.
 *
 * https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html
 */
export function isInvokedOverHttp({ invokedFunctionArn }: Pick<Context, 'invokedFunctionArn'>): boolean {
  // arn:aws:lambda:<Region>:<account>:function:<name>[:<version or alias>]
  const qualifier = invokedFunctionArn.split(':')[7];
  return qualifier === HTTP_ALIAS;
}
