import { Annotations, AspectPriority, Aspects, Lazy, Stack, type IAspect } from 'aws-cdk-lib';
import {
  CfnDeployment,
  Deployment,
  RequestAuthorizer,
  type CfnAuthorizer,
  type IRestApi,
  type RequestAuthorizerProps,
} from 'aws-cdk-lib/aws-apigateway';
import type { Construct, IConstruct } from 'constructs';
import type { IdentitySource } from '../src/gateway/identity-source.ts';
import { sharedResponses } from './response-cache.ts';

/** Props of {@link RestAuthorizer}. */
export interface RestAuthorizerProps extends RequestAuthorizerProps {
  /** The parts of a request that a caller may be recognised by. */
  readonly places: readonly IdentitySource[];
}

/**
 * An authorizer of a REST API whose changes always reach the API's stages.
 *
 * A REST stage uses the authorizer as it was when the stage was last deployed. CDK creates a new deployment for a
 * changed authorizer only with the feature flag `@aws-cdk/aws-apigateway:authorizerChangeDeploymentLogicalId`, and
 * never for a `Deployment` of the app's own. This class does so for every `Deployment` of the API. Otherwise a stage
 * could cache by the key alone although the authorizer also checks the caller's address.
 *
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-deploy-api.html
 */
export class RestAuthorizer extends RequestAuthorizer implements IAspect {
  readonly #places: readonly IdentitySource[];
  #api: IRestApi | undefined;

  constructor(scope: Construct, id: string, { places, ...props }: RestAuthorizerProps) {
    super(scope, id, props);
    this.#places = places;
    // At synthesis, because stages and deployments are added after the authorizer.
    Aspects.of(this).add(this, { priority: AspectPriority.MUTATING });
  }

  override _attachToApi(restApi: IRestApi): void {
    super._attachToApi(restApi);
    this.#api = restApi;
  }

  visit(node: IConstruct): void {
    if (node !== this || this.#api === undefined) return;
    this.#redeploy(this.#api);
    this.#checkResponseCache(this.#api);
  }

  #redeploy(api: IRestApi): void {
    const { deployments, hasOwnTemplate } = deploymentsOf(api);
    const authorizer = this.node.defaultChild as CfnAuthorizer;
    for (const deployment of deployments) {
      deployment.node.addDependency(this);
      // Lazy, so that what an escape hatch changes counts as well.
      deployment.addToLogicalId(Lazy.any({ produce: () => propertiesOf(authorizer) }));
    }
    if (deployments.length > 0 && !hasOwnTemplate) return;
    Annotations.of(this).addWarningV2(
      'latchkey-rest-deployment',
      `A change to this authorizer does not reach the stages of the REST API ${api.node.path}: the app creates no Deployment construct for them. ` +
        "Remove `deploy: false`, or replace your CfnDeployment with `new Deployment(this, 'Deployment', { api })`. " +
        'If you deploy the stages outside of this app, deploy them again after each change to restrictions, cacheTtl, keySources or identitySources, and acknowledge this warning.',
    );
  }

  #checkResponseCache(api: IRestApi): void {
    const ids = { authorizerId: this.authorizerId, restApiId: api.restApiId };
    for (const { stage, method } of sharedResponses(ids, Stack.of(this), this.#places)) {
      const parameters = this.#places.map((place) => `'${place}'`).join(', ');
      Annotations.of(this).addWarningV2(
        `latchkey-rest-response-cache-${stage}-${method}`,
        `The stage "${stage}" caches the responses of ${method} for all keys together: one caller can receive the response to another. ` +
          `Add cacheKeyParameters: [${parameters}] to the method's integration and the same names to its requestParameters, or set cachingEnabled: false for the method. ` +
          'If every key may see the same response, acknowledge this warning.',
      );
    }
  }
}

/** The deployments of an API, and whether another is written as plain CloudFormation, whose logical id is fixed. */
function deploymentsOf(api: IRestApi): { deployments: Deployment[]; hasOwnTemplate: boolean } {
  const nodes = api.node.root.node.findAll();
  const stack = Stack.of(api);
  const id = JSON.stringify(stack.resolve(api.restApiId));
  const isOfApi = (node: CfnDeployment) => JSON.stringify(stack.resolve(node.restApiId)) === id;
  const all = nodes.filter((node) => CfnDeployment.isCfnDeployment(node)).filter(isOfApi);
  const constructs = all.map((node) => node.node.scope);
  return {
    deployments: constructs.filter((scope) => scope instanceof Deployment),
    hasOwnTemplate: constructs.some((scope) => !(scope instanceof Deployment)),
  };
}

/** What API Gateway is told about an authorizer. */
function propertiesOf(authorizer: CfnAuthorizer): unknown {
  const { Resources } = Stack.of(authorizer).resolve(authorizer._toCloudFormation()) as {
    Resources: Record<string, { Properties?: unknown }>;
  };
  return Object.values(Resources).map(({ Properties }) => Properties);
}
