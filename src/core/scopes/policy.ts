import { isNamedScope, parseScope, scopeResources } from './scope.ts';
import { matchesWildcard } from './wildcard.ts';

/** The ARN of a call, and the ARN of its stage. */
export interface RouteArn {
  /** `arn:…:execute-api:<region>:<account>:<api>/<stage>` */
  readonly stageArn: string;
  /** The ARN of the call: `<stageArn>/<method>/<path>`. */
  readonly arn: string;
}

interface PolicyStatement {
  readonly Action: 'execute-api:Invoke';
  readonly Effect: 'Allow' | 'Deny';
  readonly Resource: string[];
}

export interface PolicyDocument {
  readonly Version: '2012-10-17';
  readonly Statement: PolicyStatement[];
}

/** What a key without route scopes may call. */
export type UnscopedKeys = 'whole-stage' | 'nothing';

/**
 * API Gateway's limits for the result of an authorizer. AWS documents 512 characters for a resource:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html
 * AWS documents no limit for the whole policy. 8,192 bytes is the limit for a resource policy.
 */
const MAX_RESOURCE_CHARACTERS = 512;
const MAX_POLICY_BYTES = 8192;

/**
 * Patterns of paths with a dot segment. Through `*`, such a path could reach a resource outside its scope. No valid client
 * encodes a dot. The last three patterns match dots that are encoded twice or more, because a backend may decode repeatedly.
 */
const DOT_SEGMENTS = [
  '/*/..*',
  '/*/.',
  '/*/./*',
  '/*%2e*',
  '/*%2E*',
  '/*%2f..*',
  '/*%2F..*',
  '/*\\..*',
  '/*%5c..*',
  '/*%5C..*',
  '/*%25*2e*',
  '/*%25*2E*',
  '/*%25*..*',
];

/** The longest ARN of a stage: the longest partition, Region and stage name (128 characters). */
export const LONGEST_STAGE_ARN = `arn:aws-us-gov:execute-api:ap-southeast-99:123456789012:abcdefghij/${'s'.repeat(128)}`;

/** Parses the ARN of a call, or returns `undefined` if it is invalid. The path can contain colons. */
export function parseRouteArn(arn: string): RouteArn | undefined {
  const stageArn = /^arn:[^:]+:execute-api:[^:]*:[^:]*:[^/:]+\/[^/]+(?=\/)/.exec(arn)?.[0];
  return stageArn === undefined ? undefined : { stageArn, arn };
}

/** Returns the name of the stage. */
export function stageOf({ stageArn }: RouteArn): string {
  return stageArn.slice(stageArn.lastIndexOf('/') + 1);
}

/**
 * Returns the policy of a key for one stage. API Gateway caches it by the key and applies it to later calls of any method and
 * path, so it must not depend on the current call.
 *
 * A key with route scopes is also denied every path with a dot segment, plain or percent-encoded: `GET /orders/*`
 * matches `/orders/../admin`, and the backend may resolve it.
 */
export function allowPolicy(scopes: readonly string[], stageArn: string, unscopedKeys: UnscopedKeys): PolicyDocument {
  // An invalid scope counts as a route scope that allows no route, so that the key does not get the whole stage.
  const routes = scopes.filter((text) => !isNamedScope(text));
  if (routes.length === 0) {
    return unscopedKeys === 'whole-stage' ? policy(statement('Allow', [`${stageArn}/*`])) : denyPolicy(stageArn);
  }
  const resources = routes.flatMap((text) => {
    const scope = parseScope(text);
    return scope === undefined ? [] : scopeResources(scope, stageArn);
  });
  if (resources.length === 0) return denyPolicy(stageArn);
  return policy(statement('Allow', resources), statement('Deny', dotSegments(stageArn)));
}

/** Returns a policy that denies the whole stage. */
export function denyPolicy(stageArn: string): PolicyDocument {
  return policy(statement('Deny', [`${stageArn}/*`]));
}

/**
 * Returns whether a policy allows a call, as IAM evaluates it: an `Allow` matches and no `Deny` does. It gives the reason for
 * the log. API Gateway evaluates the policy itself.
 */
export function permits(document: PolicyDocument, arn: string): boolean {
  const matches = (effect: PolicyStatement['Effect']) =>
    document.Statement.some(
      (one) => one.Effect === effect && one.Resource.some((pattern) => matchesWildcard(pattern, arn)),
    );
  return matches('Allow') && !matches('Deny');
}

/**
 * Returns why API Gateway would not accept the policy of these scopes, or `undefined` if it does.
 *
 * @param stageArn the stage to measure on; default: the longest ARN that a stage can have, to which new keys must fit
 */
export function policyTooLarge(scopes: readonly string[], stageArn = LONGEST_STAGE_ARN): string | undefined {
  const document = allowPolicy(scopes, stageArn, 'nothing');
  const longest = Math.max(...document.Statement.flatMap((one) => one.Resource.map((resource) => resource.length)));
  if (longest > MAX_RESOURCE_CHARACTERS) {
    const room = MAX_RESOURCE_CHARACTERS - stageArn.length - '/OPTIONS'.length;
    return `a path is too long for an authorizer's policy; accepted: at most ${String(room)} characters`;
  }
  const bytes = Buffer.byteLength(JSON.stringify(document));
  if (bytes > MAX_POLICY_BYTES) {
    return `the policy could have ${String(bytes)} bytes, and API Gateway accepts ${String(MAX_POLICY_BYTES)}; use fewer scopes, or wider ones (a * method counts as seven)`;
  }
  return undefined;
}

/** The result of {@link dotSegments} for the last stage: an authorizer is called for few stages. */
let lastDotSegments: { readonly stageArn: string; readonly resources: readonly string[] } | undefined;

/** Covers all stages of the API, which makes the policy a third shorter. */
function dotSegments(stageArn: string): string[] {
  if (lastDotSegments?.stageArn !== stageArn) {
    const [, partition, , , , resource] = stageArn.split(':', 6);
    const api = resource?.split('/', 1)[0];
    const resources = DOT_SEGMENTS.map(
      (pattern) => `arn:${String(partition)}:execute-api:*:*:${String(api)}${pattern}`,
    );
    lastDotSegments = { stageArn, resources };
  }
  // A copy, because a result belongs to its caller.
  return [...lastDotSegments.resources];
}

function statement(Effect: PolicyStatement['Effect'], Resource: string[]): PolicyStatement {
  return { Action: 'execute-api:Invoke', Effect, Resource };
}

function policy(...Statement: PolicyStatement[]): PolicyDocument {
  return { Version: '2012-10-17', Statement };
}
