import { APIGatewayClient, FlushStageAuthorizersCacheCommand } from '@aws-sdk/client-api-gateway';
import { ApiGatewayV2Client, ResetAuthorizersCacheCommand } from '@aws-sdk/client-apigatewayv2';
import { stagesFromEnvironment, stageText, type ApiStage } from '../gateway/api-stage.ts';
import { settleTimeFromEnvironment } from '../gateway/settle-time.ts';
import { logger } from '../logging/logger.ts';
import { CompleteResponseHandler } from '../storage/complete-response-handler.ts';
import { createCacheFlusher, type AuthorizerCache, type CacheFlusher } from './cache-flusher.ts';

/** The longest that one call of API Gateway's management API can take, in milliseconds. */
const CALL_TIMEOUT_MS = 2500;

/**
 * Returns a flusher of the stages that the environment names.
 *
 * @throws {Error} if the environment holds a settle time that is not a number
 */
export function cacheFlusher(environment: NodeJS.ProcessEnv): CacheFlusher {
  return createCacheFlusher(stagesFromEnvironment(environment).map(cacheOf), {
    callTimeoutMs: CALL_TIMEOUT_MS,
    settleMs: settleTimeFromEnvironment(environment),
    report: (stage, outcome, error) => {
      logger.error('authorizer cache not flushed', { stage, outcome, error });
    },
  });
}

/** The flusher retries, with the time that it has: the SDK makes one attempt. */
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
