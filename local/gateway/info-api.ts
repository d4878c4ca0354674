import { headerValues, json, type RequestHandler } from './http.ts';

/** What the CLI and the demo need to know about the local server. */
export interface LocalInfo {
  readonly dynamodbEndpoint: string;
  readonly table: string;
  readonly cacheTtlSeconds: number;
}

/** Serves `GET /local` with information about the local server. Passes other requests to `next`. */
export function infoApi(info: LocalInfo, next: RequestHandler): RequestHandler {
  return async (request) => {
    if (request.method !== 'GET' || request.path !== '/local') return next(request);
    // Browsers send this header. Web pages don't need the information.
    if (headerValues(request, 'origin').length > 0) return json(403, { message: 'Forbidden' }, 'ForbiddenException');
    return json(200, info);
  };
}
