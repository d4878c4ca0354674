import { SAMPLE_STAGE } from '../account.ts';
import type { LocalFunction } from '../lambda/local-function.ts';
import type { AccessLog } from './access-log.ts';
import { authorizerEvent, proxyEvent } from './event.ts';
import { json, type RequestHandler } from './http.ts';
import { integrate } from './integration.ts';
import type { RequestAuthorizer } from './request-authorizer.ts';
import { matchRoute, type Route } from './route.ts';

const API_ID = SAMPLE_STAGE.apiId;

/** API Gateway rejects a longer method ARN before it invokes the authorizer. */
const MAX_ARN_BYTES = 1600;

const ROUTES: readonly Route[] = [
  { method: 'ANY', path: '/', functionName: 'echo' },
  { method: 'ANY', path: '/{proxy+}', functionName: 'echo' },
];

/** The sample REST API: the authorizer, and one function behind it for every path. */
export function sampleApi(
  authorizer: RequestAuthorizer,
  backend: Pick<LocalFunction, 'invoke'>,
  accessLog: AccessLog,
): RequestHandler {
  return async (request) => {
    const match = matchRoute(ROUTES, request.method, request.path);
    if (match === undefined)
      return json(403, { message: 'Missing Authentication Token' }, 'MissingAuthenticationTokenException');
    const start = Date.now();
    const event = authorizerEvent(API_ID, request, match);
    if (Buffer.byteLength(event.methodArn) > MAX_ARN_BYTES) return json(414, { message: 'Request-URI Too Long' });
    const decision = await authorizer.authorize(request, event);
    const response = decision.allowed
      ? await integrate(backend, proxyEvent(API_ID, request, match, { authorizer: decision.context }))
      : decision.response;
    accessLog.write(request, match, { status: response.status, start, caller: decision.context });
    return response;
  };
}
