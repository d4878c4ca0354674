import { HTTP_ALIAS } from '../../src/management/http-alias.ts';
import type { LocalFunctions } from '../lambda/functions.ts';
import { headerValues, json, type Answerer, type GatewayResponse } from './http.ts';

const LATEST_VERSION = '$LATEST';
const INVOCATIONS = /^\/2015-03-31\/functions\/(?<name>[^/]+)\/invocations$/;

/**
 * Lambda's Invoke API, so that an SDK's client or `aws lambda invoke --endpoint-url` reaches the local functions.
 * Whatever is not a call of it goes to `otherwise`. Signatures are not looked at.
 *
 * https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
export function invokeApi(functions: LocalFunctions, otherwise: Answerer): Answerer {
  return async (request) => {
    const name = INVOCATIONS.exec(request.path)?.groups?.['name'];
    if (name === undefined || request.method !== 'POST') return otherwise(request);
    // A browser says where a request comes from: no web page has any business here.
    if (headerValues(request, 'origin').length > 0)
      return refused(403, 'AccessDeniedException', 'Not from a web page.');

    const { functionName, qualifier } = functionNamed(decodeURIComponent(name), request.query.get('Qualifier'));
    // As deployed, where the alias has a resource policy for API Gateway and no identity policy allows it.
    if (qualifier === HTTP_ALIAS)
      return refused(403, 'AccessDeniedException', `Only API Gateway may invoke ${functionName}:${qualifier}.`);
    const target = functions.find(functionName);
    if (target === undefined || (qualifier !== undefined && qualifier !== LATEST_VERSION))
      return refused(
        404,
        'ResourceNotFoundException',
        `Function not found: ${[functionName, qualifier ?? []].flat().join(':')}`,
      );
    const payload = request.body.length === 0 ? '{}' : request.body.toString();
    if (!isJson(payload))
      return refused(400, 'InvalidRequestContentException', 'Could not parse request body into json.');

    const [type = 'RequestResponse'] = headerValues(request, 'x-amz-invocation-type');
    if (type === 'DryRun') return answer(204, '');
    const call = target.invoke(payload, qualifier);
    if (type === 'Event') return answer(202, '');
    const outcome = await call;
    if (outcome.ok) return answer(200, outcome.payload);
    return answer(200, JSON.stringify(outcome.error), ['X-Amz-Function-Error', 'Unhandled']);
  };
}

/** `name`, `name:qualifier`, or the same after the account in an ARN; the qualifier may be in the query instead. */
function functionNamed(text: string, qualifier: string | null) {
  const [functionName = '', inName] = text.replace(/^(?:.*:)?function:/, '').split(':');
  return { functionName, qualifier: inName ?? qualifier ?? undefined };
}

function answer(status: number, body: string, ...extra: (readonly [string, string])[]): GatewayResponse {
  const headers = [['content-type', 'application/json'] as const, ['X-Amz-Executed-Version', '$LATEST'] as const];
  return { status, headers: [...headers, ...extra], body };
}

function refused(status: number, errorType: string, message: string): GatewayResponse {
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
