import { APIGatewayClient, FlushStageAuthorizersCacheCommand } from '@aws-sdk/client-api-gateway';
import { ApiGatewayV2Client, ResetAuthorizersCacheCommand } from '@aws-sdk/client-apigatewayv2';
import {
  stageParametersFromEnvironment,
  stagesFromEnvironment,
  stageText,
  type ApiStage,
} from '../gateway/api-stage.ts';
import { settleTimeFromEnvironment } from '../gateway/settle-time.ts';
import { logger } from '../logging/logger.ts';
import { CompleteResponseHandler } from '../storage/complete-response-handler.ts';
import {
  createCacheFlusher,
  type AuthorizerCache,
  type CacheFlush,
  type CacheFlusher,
  type CacheFlusherOptions,
} from './cache-flusher.ts';
import { readStageParameters } from './stage-parameters.ts';

/** The longest that one call of API Gateway's management API can take, in milliseconds. */
const CALL_TIMEOUT_MS = 2500;

/**
 * Returns a flusher for the stages in the environment, and for those that its Systems Manager parameters list.
 *
 * @throws {Error} if the settle time in the environment is not a number
 */
export function cacheFlusher(environment: NodeJS.ProcessEnv): CacheFlusher {
  const options: CacheFlusherOptions = {
    callTimeoutMs: CALL_TIMEOUT_MS,
    settleMs: settleTimeFromEnvironment(environment),
    report: reportNotFlushed,
  };
  const known = createCacheFlusher(stagesFromEnvironment(environment).map(cacheOf), options);
  const parameters = stageParametersFromEnvironment(environment);
  if (parameters.length === 0) return known;
  return {
    stages: [...known.stages, ...parameters],
    flush: async (remainingMs) => {
      const [ofKnown, ofListed] = await Promise.all([
        known.flush(remainingMs),
        flushListed(parameters, options, remainingMs),
      ]);
      return {
        flushed: [...ofKnown.flushed, ...ofListed.flushed],
        pending: [...ofKnown.pending, ...ofListed.pending],
        failed: [...ofKnown.failed, ...ofListed.failed],
      };
    },
  };
}

async function flushListed(
  parameters: readonly string[],
  options: CacheFlusherOptions,
  remainingMs: number,
): Promise<CacheFlush> {
  const start = performance.now();
  const { stages, unread } = await readStageParameters(parameters, (name, error) => {
    reportNotFlushed(name, 'failed', error);
  });
  const caches = createCacheFlusher(stages.map(cacheOf), options);
  const outcome = await caches.flush(remainingMs - (performance.now() - start));
  return { ...outcome, failed: [...outcome.failed, ...unread] };
}

function reportNotFlushed(stage: string, outcome: 'pending' | 'failed', error: Error): void {
  logger.error('authorizer cache not flushed', { stage, outcome, error });
}

/** The SDK makes a single attempt, because the flusher retries within the time that it has. */
const client = () => ({
  maxAttempts: 1,
  requestHandler: new CompleteResponseHandler({ connect: 500, begin: 2000, whole: CALL_TIMEOUT_MS }),
});

function cacheOf(stage: ApiStage): AuthorizerCache {
  const { kind, apiId, stageName } = stage;
  if (kind === 'rest') {
    const rest = new APIGatewayClient(client());
    const command = () => new FlushStageAuthorizersCacheCommand({ restApiId: apiId, stageName });
    return { name: stageText(stage), flush: () => rest.send(command()) };
  }
  const http = new ApiGatewayV2Client(client());
  const command = () => new ResetAuthorizersCacheCommand({ ApiId: apiId, StageName: stageName });
  return { name: stageText(stage), flush: () => http.send(command()) };
}
