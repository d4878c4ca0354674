import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@aws-lambda-powertools/logger';
import { APIGatewayClient, FlushStageAuthorizersCacheCommand } from '@aws-sdk/client-api-gateway';
import { ApiGatewayV2Client, ResetAuthorizersCacheCommand } from '@aws-sdk/client-apigatewayv2';
import { stagesFromEnvironment, stageText, type ApiStage } from '../domain/api-stage.ts';
import { WholeAnswerHandler } from '../store/whole-answer-handler.ts';

/** What became of the authorizer caches that may still let an ended key in. */
export interface CacheFlush {
  /** Stages, such as `rest/a1b2c3d4e5/prod`, that have dropped what they had cached. */
  readonly flushed: readonly string[];
  /** Stages where that failed: there the key can live on until its cached answer does not. */
  readonly failed: readonly string[];
}

/** Has stages drop what their authorizers have answered. Never rejects. */
export type FlushCaches = () => Promise<CacheFlush>;

/**
 * The authorizer's reads are eventually consistent. A call right after the first flush could meet the key as it
 * was, and API Gateway would cache that answer anew; by now no read does.
 */
const SETTLED_MS = 1000;

/** The revocation stands already, so little time goes into this: the caller can revoke again. */
const client = () => ({
  maxAttempts: 2,
  requestHandler: new WholeAnswerHandler({ connect: 500, begin: 2000, whole: 2500 }),
});

/** Flushes the stages that the environment names. */
export function cacheFlusher(environment: NodeJS.ProcessEnv): FlushCaches {
  const stages = stagesFromEnvironment(environment);
  const logger = new Logger({ serviceName: 'latchkey' });
  const flush = async (stage: ApiStage, drop: () => Promise<unknown>) => {
    try {
      await drop();
      await delay(SETTLED_MS);
      await drop();
      return true;
    } catch (error) {
      logger.error('authorizer cache not flushed', { stage: stageText(stage), error: error as Error });
      return false;
    }
  };
  const stagesWithCaches = stages.map((stage) => ({ stage, drop: dropping(stage) }));
  return async () => {
    const outcomes = await Promise.all(
      stagesWithCaches.map(async ({ stage, drop }) => ({ name: stageText(stage), flushed: await flush(stage, drop) })),
    );
    const named = (wanted: boolean) => outcomes.filter(({ flushed }) => flushed === wanted).map(({ name }) => name);
    return { flushed: named(true), failed: named(false) };
  };
}

function dropping({ kind, apiId, stageName }: ApiStage): () => Promise<unknown> {
  if (kind === 'rest') {
    const rest = new APIGatewayClient(client());
    return () => rest.send(new FlushStageAuthorizersCacheCommand({ restApiId: apiId, stageName }));
  }
  const http = new ApiGatewayV2Client(client());
  return () => http.send(new ResetAuthorizersCacheCommand({ ApiId: apiId, StageName: stageName }));
}
