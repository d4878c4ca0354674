import { SAMPLE_STAGE } from '../account.ts';
import { json, type RequestHandler } from './http.ts';
import type { RequestAuthorizer } from './request-authorizer.ts';

const FLUSH = /^\/restapis\/(?<restApiId>[^/]+)\/stages\/(?<stageName>[^/]+)\/cache\/authorizers$/;

/**
 * API Gateway's `FlushStageAuthorizersCache` for the sample API. Passes other requests to `next`. Doesn't check signatures,
 * because a flush only makes API Gateway invoke the authorizer again.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/api/API_FlushStageAuthorizersCache.html
 */
export function flushApi(authorizer: RequestAuthorizer, next: RequestHandler): RequestHandler {
  return async (request) => {
    const { restApiId, stageName } = FLUSH.exec(request.path)?.groups ?? {};
    if (request.method !== 'DELETE' || restApiId === undefined) return next(request);
    if (restApiId !== SAMPLE_STAGE.apiId || stageName !== SAMPLE_STAGE.stageName)
      return json(404, { message: 'Invalid stage identifier specified' }, 'NotFoundException');
    authorizer.flush();
    return { status: 202, headers: [], body: '' };
  };
}
