import { HTTP_ALIAS } from '../../src/management/http-alias.ts';
import { ADMIN_ROUTES } from '../../src/management/operations.ts';
import { ACCOUNT, CREDENTIALS, USER_ARN } from '../account.ts';
import type { LocalFunctions } from '../lambda/functions.ts';
import { proxyEvent } from './event.ts';
import { json, type GatewayResponse, type RequestHandler } from './http.ts';
import { integrate } from './integration.ts';
import { matchRoute } from './route.ts';
import { signatureFault, type SignatureFault } from './signature.ts';

const API_ID = 'admin';

const MESSAGES: Record<SignatureFault, readonly [message: string, errorType: string]> = {
  missing: ['Missing Authentication Token', 'MissingAuthenticationTokenException'],
  incomplete: [
    'Authorization header requires Credential, SignedHeaders with host and x-amz-date, Signature, and the header X-Amz-Date.',
    'IncompleteSignatureException',
  ],
  'unknown-key': ['The security token included in the request is invalid.', 'UnrecognizedClientException'],
  'wrong-scope': ['Credential should be scoped to a valid date, Region and service.', 'InvalidSignatureException'],
  expired: ['Signature expired: its date is more than 5 minutes from now.', 'InvalidSignatureException'],
  mismatch: [
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.',
    'InvalidSignatureException',
  ],
};

/** The admin REST API, with IAM authorization: every request must be signed with the local credentials. */
export function adminApi(functions: LocalFunctions): RequestHandler {
  return async (request) => {
    const match = matchRoute(ADMIN_ROUTES, request.method, request.path);
    if (match === undefined) return refused('missing');
    const fault = await signatureFault(request, Date.now());
    if (fault !== undefined) return refused(fault);
    const identity = {
      accessKey: CREDENTIALS.accessKeyId,
      accountId: ACCOUNT,
      caller: CREDENTIALS.accessKeyId,
      user: CREDENTIALS.accessKeyId,
      userArn: USER_ARN,
    };
    const event = proxyEvent(API_ID, request, match, { identity });
    return integrate(functions.get(match.route.functionName), event, HTTP_ALIAS);
  };
}

/** For an unknown route, API Gateway returns the same response as for an unsigned request. */
function refused(fault: SignatureFault): GatewayResponse {
  const [message, errorType] = MESSAGES[fault];
  return json(403, { message }, errorType);
}
