import { randomBytes } from 'node:crypto';
import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import { fromEnvironment } from '../domain/settings.ts';
import { documentClient } from '../store/client.ts';
import { DynamoKeyStore } from '../store/dynamo.ts';
import { LatchkeyError, type Refusal } from './errors.ts';
import type { Operation, OperationContext } from './operations/operation.ts';
import { callerOf, inputOf, isProxyEvent } from './proxy-event.ts';

/** What an HTTP caller gets. */
export interface ProxyAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface HandlerOptions<Answer> {
  /** Names the operation in the audit log. */
  readonly name: string;
  readonly operation: Operation<Answer>;
  /** @default 200 */
  readonly status?: (answer: Answer) => number;
}

/**
 * A Lambda handler for an operation: plain JSON in and out for a direct invocation, HTTP for an API Gateway
 * proxy event.
 *
 * A refusal ({@link LatchkeyError}) answers `{ error: { code, message, … } }`; over HTTP with its status. An
 * outage fails a direct invocation, so that the caller's SDK retries it, and answers 500 over HTTP.
 */
export function managementHandler<Answer extends object>(options: HandlerOptions<Answer>) {
  const context = operationContext(process.env);
  const logger = new Logger({ serviceName: 'latchkey' });
  return middy<unknown, Answer | Refusal | ProxyAnswer>()
    .use(injectLambdaContext(logger))
    .handler((event, lambda) =>
      answer(event, options, { ...context, remainingMs: () => lambda.getRemainingTimeInMillis() }, logger),
    );
}

async function answer<Answer extends object>(
  event: unknown,
  { name, operation, status = () => 200 }: HandlerOptions<Answer>,
  context: OperationContext,
  logger: Logger,
): Promise<Answer | Refusal | ProxyAnswer> {
  const proxy = isProxyEvent(event);
  const audit = { operation: name, caller: proxy ? callerOf(event) : undefined };
  try {
    const result = await operation({ ...context, caller: audit.caller }, proxy ? inputOf(event) : (event ?? {}));
    logger.info('done', { ...audit, keyId: keyId(result), ownerId: ownerId(result) });
    return proxy ? http(status(result), result) : result;
  } catch (error) {
    if (error instanceof LatchkeyError) {
      logger.info('refused', { ...audit, code: error.code });
      const refusal = { error: { code: error.code, message: error.message, ...error.details() } };
      return proxy ? http(error.status, refusal) : refusal;
    }
    logger.error('failed', { ...audit, error: error as Error });
    if (!proxy) throw error;
    return http(500, {
      error: { code: 'internal_error', message: 'The request could not be carried out; the log says why.' },
    });
  }
}

function http(statusCode: number, body: object): ProxyAnswer {
  return {
    statusCode,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    body: JSON.stringify(body),
  };
}

/** The prefix of the key that an answer is about, if it is about one. */
function keyId(result: object): string | undefined {
  const record = 'record' in result ? result.record : result;
  return typeof record === 'object' && record !== null && 'prefix' in record ? String(record.prefix) : undefined;
}

/** The owner that an answer is about, if it is about none of its keys. */
function ownerId(result: object): string | undefined {
  return 'ownerId' in result && !('prefix' in result) ? String(result.ownerId) : undefined;
}

function operationContext(environment: NodeJS.ProcessEnv): OperationContext {
  const { tableName, settings } = fromEnvironment(environment);
  return {
    settings,
    keys: new DynamoKeyStore({ client: documentClient(), tableName, retentionSeconds: settings.retentionSeconds }),
    now: Date.now,
    randomBytes,
  };
}
