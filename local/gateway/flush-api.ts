import { SAMPLE_STAGE } from '../account.ts';
import { json, type Answerer } from './http.ts';
import type { RequestAuthorizer } from './request-authorizer.ts';

const FLUSH = /^\/restapis\/(?<restApiId>[^/]+)\/stages\/(?<stageName>[^/]+)\/cache\/authorizers$/;

/**
 * API Gateway's `FlushStageAuthorizersCache`, for the sample API. Whatever is not a call of it goes to `otherwise`.
 * Signatures are not looked at: it only costs the next calls a decision.
 *
 * https://docs.aws.amazon.com/apigateway/latest/api/API_FlushStageAuthorizersCache.html
 */
export function flushApi(authorizer: RequestAuthorizer, otherwise: Answerer): Answerer {
  return async (request) => {
    const { restApiId, stageName } = FLUSH.exec(request.path)?.groups ?? {};
    if (request.method !== 'DELETE' || restApiId === undefined) return otherwise(request);
    if (restApiId !== SAMPLE_STAGE.apiId || stageName !== SAMPLE_STAGE.stageName)
      return json(404, { message: 'Invalid stage identifier specified' }, 'NotFoundException');
    authorizer.flush();
    return { status: 202, headers: [], body: '' };
  };
}
