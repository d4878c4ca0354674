import { randomBytes } from 'node:crypto';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import { fromEnvironment, MANAGEMENT_FIELDS } from '../gateway/settings.ts';
import { logger } from '../logging/logger.ts';
import { documentClient } from '../storage/client.ts';
import { DynamoKeyStore } from '../storage/dynamo.ts';
import { INTERNAL_ERROR, LatchkeyError, refusalOf, type Refusal } from './errors.ts';
import { HTTP_ALIAS, isInvokedOverHttp } from './http-alias.ts';
import type { Operation, OperationContext } from './operations/operation.ts';
import type { OperationName } from './operations.ts';
import { inputOf, isProxyEvent, principalOf } from './proxy-event.ts';

/** The HTTP response that API Gateway returns to the caller. */
export interface ProxyAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface HandlerOptions<Answer> {
  /** The name of the operation in the audit log. */
  readonly name: OperationName;
  readonly operation: Operation<Answer>;
  /** @default 200 */
  readonly status?: (answer: Answer) => number;
}

/**
 * Returns a Lambda handler for an operation. Invoked through the {@link HTTP_ALIAS}, the handler accepts an API Gateway
 * proxy event and returns an HTTP response. Invoked in any other way, it treats the whole payload as the operation's
 * plain input, even if it looks like a proxy event, and returns plain JSON.
 *
 * A {@link LatchkeyError} is returned as `{ error: { code, message, … } }`, over HTTP with its status. Any other error
 * fails a direct invocation, so that the caller's SDK retries it, and returns 500 over HTTP.
 */
export function managementHandler<Answer extends object>(options: HandlerOptions<Answer>) {
  const context = operationContext(process.env);
  return middy<unknown, Answer | Refusal | ProxyAnswer>()
    .use(injectLambdaContext(logger))
    .handler((event, lambda) => {
      const timed = { ...context, remainingMs: () => lambda.getRemainingTimeInMillis() };
      return isInvokedOverHttp(lambda) ? overHttp(event, options, timed) : directly(event, options, timed);
    });
}

/** @throws {TypeError} if the event is not a proxy event, because the route has no Lambda proxy integration */
async function overHttp<Answer extends object>(
  event: unknown,
  { name, operation, status = () => 200 }: HandlerOptions<Answer>,
  context: OperationContext,
): Promise<ProxyAnswer> {
  if (!isProxyEvent(event))
    throw new TypeError(
      `the alias "${HTTP_ALIAS}" accepts only API Gateway proxy events; integrate it as a Lambda proxy integration, and invoke the function without a qualifier for plain input`,
    );
  // A request to a route without authorization has no principal, and its body must not claim one.
  const caller = principalOf(event) ?? 'unauthenticated HTTP request';
  const outcome = await attempt({ name, caller }, () => operation({ ...context, caller }, inputOf(event)));
  switch (outcome.outcome) {
    case 'done':
      return http(status(outcome.answer), outcome.answer);
    case 'refused':
      return http(outcome.error.status, refusalOf(outcome.error));
    case 'failed':
      return http(500, INTERNAL_ERROR);
  }
}

/** Lambda does not pass the caller's identity to a function, so the audit log of a direct invocation has no caller. */
async function directly<Answer extends object>(
  input: unknown,
  { name, operation }: HandlerOptions<Answer>,
  context: OperationContext,
): Promise<Answer | Refusal> {
  const outcome = await attempt({ name, caller: undefined }, () => operation(context, input ?? {}));
  if (outcome.outcome === 'failed') throw outcome.error;
  return outcome.outcome === 'done' ? outcome.answer : refusalOf(outcome.error);
}

type Attempt<Answer> =
  | { readonly outcome: 'done'; readonly answer: Answer }
  | { readonly outcome: 'refused'; readonly error: LatchkeyError }
  | { readonly outcome: 'failed'; readonly error: unknown };

/** Runs an operation and writes a line to the audit log. */
async function attempt<Answer extends object>(
  { name, caller }: { readonly name: string; readonly caller: string | undefined },
  run: () => Promise<Answer>,
): Promise<Attempt<Answer>> {
  const audit = { operation: name, caller };
  try {
    const answer = await run();
    logger.info('done', { ...audit, keyId: keyId(answer), ownerId: ownerId(answer) });
    return { outcome: 'done', answer };
  } catch (error) {
    if (error instanceof LatchkeyError) {
      logger.info('refused', { ...audit, code: error.code });
      return { outcome: 'refused', error };
    }
    logger.error('failed', { ...audit, error: error as Error });
    return { outcome: 'failed', error };
  }
}

function http(statusCode: number, body: object): ProxyAnswer {
  return {
    statusCode,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    body: JSON.stringify(body),
  };
}

/** Returns the prefix of the key in a result, or `undefined` if the result is not about a single key. */
function keyId(result: object): string | undefined {
  const record = 'record' in result ? result.record : result;
  return typeof record === 'object' && record !== null && 'prefix' in record ? String(record.prefix) : undefined;
}

/** Returns the owner in a result, or `undefined` if the result is about a key. */
function ownerId(result: object): string | undefined {
  return 'ownerId' in result && !('prefix' in result) ? String(result.ownerId) : undefined;
}

function operationContext(environment: NodeJS.ProcessEnv): OperationContext {
  const { tableName, settings } = fromEnvironment(environment, MANAGEMENT_FIELDS);
  return {
    settings,
    keys: new DynamoKeyStore({ client: documentClient(), tableName, retentionSeconds: settings.retentionSeconds }),
    now: Date.now,
    randomBytes,
  };
}
