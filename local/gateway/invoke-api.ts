import { HTTP_ALIAS } from '../../src/management/http-alias.ts';
import type { LocalFunctions } from '../lambda/functions.ts';
import { headerValues, json, type GatewayResponse, type RequestHandler } from './http.ts';

const LATEST_VERSION = '$LATEST';
const INVOCATIONS = /^\/2015-03-31\/functions\/(?<name>[^/]+)\/invocations$/;

/**
 * Lambda's Invoke API for the local functions: use it with an AWS SDK client or `aws lambda invoke --endpoint-url`. Passes other
 * requests to `next`. Doesn't check signatures.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
export function invokeApi(functions: LocalFunctions, next: RequestHandler): RequestHandler {
  return async (request) => {
    const name = INVOCATIONS.exec(request.path)?.groups?.['name'];
    if (name === undefined || request.method !== 'POST') return next(request);
    // Browsers send this header. Web pages must not invoke functions.
    if (headerValues(request, 'origin').length > 0)
      return failure(403, 'AccessDeniedException', 'Web pages cannot invoke functions.');

    const { functionName, qualifier } = functionNamed(decodeURIComponent(name), request.query.get('Qualifier'));
    // In a deployment, only the resource policy for API Gateway allows the alias.
    if (qualifier === HTTP_ALIAS)
      return failure(403, 'AccessDeniedException', `Only API Gateway may invoke ${functionName}:${qualifier}.`);
    const target = functions.find(functionName);
    if (target === undefined || (qualifier !== undefined && qualifier !== LATEST_VERSION))
      return failure(
        404,
        'ResourceNotFoundException',
        `Function not found: ${[functionName, qualifier ?? []].flat().join(':')}`,
      );
    const payload = request.body.length === 0 ? '{}' : request.body.toString();
    if (!isJson(payload))
      return failure(400, 'InvalidRequestContentException', 'Could not parse request body into json.');

    const [type = 'RequestResponse'] = headerValues(request, 'x-amz-invocation-type');
    if (type === 'DryRun') return success(204, '');
    const invocation = target.invoke(payload, qualifier);
    if (type === 'Event') return success(202, '');
    const outcome = await invocation;
    if (outcome.ok) return success(200, outcome.payload);
    return success(200, JSON.stringify(outcome.error), ['X-Amz-Function-Error', 'Unhandled']);
  };
}

/** Parses `name`, `name:qualifier`, or an ARN. The qualifier can be in the query string instead. */
function functionNamed(text: string, qualifier: string | null) {
  const [functionName = '', inName] = text.replace(/^(?:.*:)?function:/, '').split(':');
  return { functionName, qualifier: inName ?? qualifier ?? undefined };
}

function success(status: number, body: string, ...extra: (readonly [string, string])[]): GatewayResponse {
  const headers = [['content-type', 'application/json'] as const, ['X-Amz-Executed-Version', '$LATEST'] as const];
  return { status, headers: [...headers, ...extra], body };
}

function failure(status: number, errorType: string, message: string): GatewayResponse {
  return json(status, { Type: 'User', message }, errorType);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
