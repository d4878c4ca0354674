import { isNamedScope, parseScope, scopeResources } from './scope.ts';
import { matchesWildcard } from './wildcard.ts';

/** What the policy is about: the stage that was called, and the method and path on it. */
export interface RouteArn {
  /** `arn:…:execute-api:<region>:<account>:<api>/<stage>` */
  readonly stageArn: string;
  /** The whole ARN of the call. */
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

/** What a key without route scopes may do. */
export type UnscopedKeys = 'whole-stage' | 'nothing';

/**
 * API Gateway's bounds on what an authorizer answers. 512 characters for a resource is documented:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html
 * For the whole policy AWS publishes no figure; 8 192 bytes is what API Gateway allows for a resource policy.
 */
const MAX_RESOURCE_CHARACTERS = 512;
const MAX_POLICY_BYTES = 8192;

/**
 * A path with one of these could reach, through `*`, a place that its scope does not name. No valid client encodes a dot.
 * The last three match what is encoded twice or more: a back end may decode more than once.
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

/** The longest ARN that a stage can have: longest partition, Region and stage name (128 characters). */
export const LONGEST_STAGE_ARN = `arn:aws-us-gov:execute-api:ap-southeast-99:123456789012:abcdefghij/${'s'.repeat(128)}`;

/** Reads the ARN that API Gateway names a call by, or answers `undefined` if it is not one. The path may hold colons. */
export function parseRouteArn(arn: string): RouteArn | undefined {
  const stageArn = /^arn:[^:]+:execute-api:[^:]*:[^:]*:[^/:]+\/[^/]+(?=\/)/.exec(arn)?.[0];
  return stageArn === undefined ? undefined : { stageArn, arn };
}

/** The name of the stage that was called. */
export function stageOf({ stageArn }: RouteArn): string {
  return stageArn.slice(stageArn.lastIndexOf('/') + 1);
}

/**
 * All that a key may do on one stage. API Gateway caches this under the key and applies it to the next
 * call as well, whatever its method and path, so it must not depend on the call that asked for it.
 *
 * A key with route scopes is also denied every path with a dot segment, plain or percent-encoded: `GET /orders/*`
 * matches `/orders/../admin`, and the back end may resolve it.
 */
export function allowPolicy(scopes: readonly string[], stageArn: string, unscopedKeys: UnscopedKeys): PolicyDocument {
  // What is neither a name nor a route that can be read counts as a route: it opens nothing, and keeps the rest shut.
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

/** Denies the whole stage. */
export function denyPolicy(stageArn: string): PolicyDocument {
  return policy(statement('Deny', [`${stageArn}/*`]));
}

/**
 * Whether a policy of ours lets a call through: some `Allow` matches and no `Deny` does, as IAM evaluates it.
 * Used to know the reason for the log; API Gateway evaluates the policy itself.
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

/** Written for every stage of the API, which costs a `Deny` nothing and saves a third of the policy's size. */
function dotSegments(stageArn: string): string[] {
  const [, partition, , , , resource] = stageArn.split(':', 6);
  const api = resource?.split('/', 1)[0];
  return DOT_SEGMENTS.map((pattern) => `arn:${String(partition)}:execute-api:*:*:${String(api)}${pattern}`);
}

function statement(Effect: PolicyStatement['Effect'], Resource: string[]): PolicyStatement {
  return { Action: 'execute-api:Invoke', Effect, Resource };
}

function policy(...Statement: PolicyStatement[]): PolicyDocument {
  return { Version: '2012-10-17', Statement };
}
