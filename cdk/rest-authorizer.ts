import { Annotations, AspectPriority, Aspects, Lazy, Names, Stack, type IAspect } from 'aws-cdk-lib';
import {
  Authorizer,
  CfnDeployment,
  Deployment,
  RequestAuthorizer,
  type CfnAuthorizer,
  type IRestApi,
} from 'aws-cdk-lib/aws-apigateway';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct, IConstruct } from 'constructs';
import type { AuthorizerCaching } from './authorizer-caching.ts';
import { identityOf } from './references.ts';
import { sharedResponses } from './response-cache.ts';

/** Properties of {@link RestAuthorizer}. */
export interface RestAuthorizerProps {
  /** The keys that the authorizer is for. */
  readonly keys: IConstruct;
  /** The function that API Gateway invokes to authorize a request. */
  readonly handler: IFunction;
  /** How API Gateway caches the results of the function. */
  readonly caching: AuthorizerCaching;
}

/**
 * The authorizer of one REST API. It creates the API Gateway resource in the scope of the API that a method attaches it
 * to, because a resource in the stack of the keys would make the two stacks depend on each other. All authorizers for the
 * same API and keys share one resource.
 */
export class RestAuthorizer extends Authorizer {
  /** The ID of the authorizer. It resolves only after a method has attached it to an API. */
  readonly authorizerId: string;
  readonly #props: RestAuthorizerProps;
  #attached: ApiAuthorizer | undefined;

  constructor(scope: Construct, id: string, props: RestAuthorizerProps) {
    super(scope, id);
    this.#props = props;
    this.authorizerId = Lazy.string({
      produce: () => {
        if (this.#attached === undefined)
          throw new Error(`The authorizer ${this.node.path} is not attached to a REST API: no method uses it.`);
        return this.#attached.authorizerId;
      },
    });
  }

  /** @internal */
  override _attachToApi(api: IRestApi): void {
    const authorizer = ApiAuthorizer.of(api, this.#props);
    if (this.#attached !== undefined && this.#attached !== authorizer)
      throw new Error(
        `The authorizer ${this.node.path} is attached to two REST APIs. Call restAuthorizer() again for ${api.node.path}.`,
      );
    this.#attached = authorizer;
  }
}

/**
 * The API Gateway resource, whose changes always reach the API's stages.
 *
 * A REST stage uses the authorizer as it was when the stage was last deployed. CDK creates a new deployment for a
 * changed authorizer only with the feature flag `@aws-cdk/aws-apigateway:authorizerChangeDeploymentLogicalId`, and
 * never for a `Deployment` that the app creates. This class does so for every `Deployment` of the API. Otherwise a stage
 * could cache by the key alone although the authorizer also checks the source IP address.
 *
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-deploy-api.html
 */
class ApiAuthorizer extends RequestAuthorizer implements IAspect {
  readonly #api: IRestApi;
  readonly #caching: AuthorizerCaching;

  /** Returns the authorizer of these keys for an API. Creates it if it doesn't exist. */
  static of(api: IRestApi, props: RestAuthorizerProps): ApiAuthorizer {
    const id = `${Names.nodeUniqueId(props.keys.node)}Authorizer`;
    const existing = api.node.tryFindChild(id);
    return existing instanceof ApiAuthorizer ? existing : new ApiAuthorizer(api, id, props);
  }

  private constructor(api: IRestApi, id: string, { handler, caching }: RestAuthorizerProps) {
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- every IRestApi is a construct
    super(api, id, {
      handler,
      identitySources: [...caching.identitySources],
      resultsCacheTtl: caching.ttl,
    });
    this.#api = api;
    this.#caching = caching;
    this._attachToApi(api);
    // At synthesis, because stages and deployments are added after the authorizer.
    Aspects.of(this).add(this, { priority: AspectPriority.MUTATING });
  }

  visit(node: IConstruct): void {
    if (node !== this) return;
    this.#redeploy();
    this.#checkResponseCache();
  }

  #redeploy(): void {
    const { deployments, hasOwnTemplate } = deploymentsOf(this.#api);
    const authorizer = this.node.defaultChild as CfnAuthorizer;
    // The deployment of an API in another stack is made before this authorizer changes: that stack is deployed first.
    const own = deployments.filter((deployment) => topStackOf(deployment) === topStackOf(this));
    for (const deployment of own) {
      deployment.node.addDependency(this);
      // Lazy, so that what an escape hatch changes counts as well.
      deployment.addToLogicalId(Lazy.any({ produce: () => propertiesOf(authorizer) }));
    }
    if (own.length > 0 && own.length === deployments.length && !hasOwnTemplate) return;
    Annotations.of(this).addWarningV2(
      'latchkey-rest-deployment',
      `A change to this authorizer does not reach the stages of the REST API ${this.#api.node.path}: the app creates no Deployment construct for them in the same stack. ` +
        "Remove `deploy: false`, or replace your CfnDeployment with `new Deployment(this, 'Deployment', { api })`. " +
        'If you deploy the stages outside of this app, deploy them again after each change to restrictions, cacheTtl, keySources or identitySources, and acknowledge this warning.',
    );
  }

  #checkResponseCache(): void {
    const ids = { authorizerId: this.authorizerId, restApiId: this.#api.restApiId };
    const { places } = this.#caching;
    for (const { stage, method } of sharedResponses(ids, this, places)) {
      const parameters = places.map((place) => `'${place}'`).join(', ');
      Annotations.of(this).addWarningV2(
        `latchkey-rest-response-cache-${stage}-${method}`,
        `The stage "${stage}" caches the responses of ${method} for all keys together: one caller can receive the response to another. ` +
          `Add cacheKeyParameters: [${parameters}] to the method's integration and the same names to its requestParameters, or set cachingEnabled: false for the method. ` +
          'If every key may see the same response, acknowledge this warning.',
      );
    }
  }
}

/** Returns the deployments of an API, and whether it also has one that is plain CloudFormation, whose logical ID is fixed. */
function deploymentsOf(api: IRestApi): { deployments: Deployment[]; hasOwnTemplate: boolean } {
  const nodes = api.node.root.node.findAll();
  const id = identityOf(api.restApiId, api);
  const isOfApi = (node: CfnDeployment) => identityOf(node.restApiId, node) === id;
  const all = nodes.filter((node) => CfnDeployment.isCfnDeployment(node)).filter(isOfApi);
  const constructs = all.map((node) => node.node.scope);
  return {
    deployments: constructs.filter((scope) => scope instanceof Deployment),
    hasOwnTemplate: constructs.some((scope) => !(scope instanceof Deployment)),
  };
}

/** Returns the stack that is deployed on its own: for a construct in a nested stack, the outermost parent. */
function topStackOf(construct: IConstruct): Stack {
  let stack = Stack.of(construct);
  while (stack.nestedStackParent !== undefined) stack = stack.nestedStackParent;
  return stack;
}

/** The properties of an authorizer as CloudFormation receives them. */
function propertiesOf(authorizer: CfnAuthorizer): unknown {
  const { Resources } = Stack.of(authorizer).resolve(authorizer._toCloudFormation()) as {
    Resources: Record<string, { Properties?: unknown }>;
  };
  return Object.values(Resources).map(({ Properties }) => Properties);
}
