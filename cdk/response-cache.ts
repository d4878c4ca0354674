import { CfnMethod, CfnStage, Method } from 'aws-cdk-lib/aws-apigateway';
import type { IConstruct } from 'constructs';
import { canonical, isIdentitySource, type IdentitySource } from '../src/gateway/identity-source.ts';
import { identityOf } from './references.ts';

/** A method whose responses a stage caches for all callers together. */
export interface SharedResponses {
  readonly stage: string;
  /** The HTTP method and the path, such as `GET /orders/{id}`. */
  readonly method: string;
}

/**
 * Finds the methods whose cached response one caller could receive although it was made for another.
 *
 * A stage's response cache finds a response by the path alone, plus the method's cache key parameters. API Gateway
 * runs the authorizer first, but the response that it then returns from the cache may be another caller's.
 *
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-caching.html
 *
 * @param authorizerId the authorizer whose methods are checked
 * @param places the parts of a request that identify a caller; each must be a cache key parameter
 */
export function sharedResponses(
  { authorizerId, restApiId }: { readonly authorizerId: string; readonly restApiId: string },
  authorizer: IConstruct,
  places: readonly IdentitySource[],
): SharedResponses[] {
  const nodes = authorizer.node.root.node.findAll();
  const isSame = (one: string | undefined, other: string) =>
    identityOf(one, authorizer) === identityOf(other, authorizer);
  const methods = nodes
    .filter((node) => CfnMethod.isCfnMethod(node))
    .filter((method) => isSame(method.authorizerId, authorizerId) && !hasCacheKey(method, places));
  return nodes
    .filter((node) => CfnStage.isCfnStage(node))
    .filter((stage) => isSame(stage.restApiId, restApiId) && stage.cacheClusterEnabled === true)
    .flatMap((stage) =>
      methods
        .filter((method) => cachesResponses(stage, method))
        .map((method) => ({
          stage: stage.stageName ?? stage.node.path,
          method: `${method.httpMethod} ${pathOf(method) ?? method.node.path}`,
        })),
    );
}

function hasCacheKey({ integration }: CfnMethod, places: readonly IdentitySource[]): boolean {
  const { cacheKeyParameters: parameters = [] } =
    integration !== undefined && 'cacheKeyParameters' in integration ? integration : {};
  const known = new Set(parameters.map((name) => (isIdentitySource(name) ? canonical(name) : name)));
  return places.every((place) => known.has(canonical(place)));
}

function pathOf(method: CfnMethod): string | undefined {
  const parent = method.node.scope;
  return parent instanceof Method ? parent.resource.path : undefined;
}

/** The settings of one method override those of all methods, with which API Gateway caches only `GET`. */
function cachesResponses(stage: CfnStage, method: CfnMethod): boolean {
  const settings = Array.isArray(stage.methodSettings) ? stage.methodSettings : [];
  const forMethod = (httpMethod: string, path: string | undefined) =>
    settings
      .filter((one): one is CfnStage.MethodSettingProperty => 'resourcePath' in one)
      .find(
        (one) => one.httpMethod === httpMethod && one.resourcePath?.replace(/^\//, '').replaceAll('~1', '/') === path,
      );
  const methods = method.httpMethod === 'ANY' ? ['ANY', 'GET'] : [method.httpMethod];
  const own = methods.map((name) => forMethod(name, pathOf(method))).find((one) => one !== undefined);
  if (own?.cachingEnabled !== undefined) return own.cachingEnabled !== false;
  const general = forMethod('*', '*')?.cachingEnabled ?? true;
  return general !== false && methods.includes('GET');
}
