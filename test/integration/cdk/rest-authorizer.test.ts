import { App, Duration, Stack, Validations } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import {
  CfnAuthorizer,
  CfnDeployment,
  Deployment,
  LambdaIntegration,
  RestApi,
  Stage,
  type LambdaIntegrationOptions,
  type MethodOptions,
  type RestApiProps,
  type StageOptions,
} from 'aws-cdk-lib/aws-apigateway';
import { describe, expect, it } from 'vitest';
import type { ApiKeysProps } from '../../../cdk/api-keys-props.ts';
import { ApiKeys } from '../../../cdk/api-keys.ts';
import { resourcesOf, someFunction } from '../../support/cdk/synth.ts';

const FLAG = '@aws-cdk/aws-apigateway:authorizerChangeDeploymentLogicalId';

interface Options {
  readonly flag?: boolean;
  readonly keys?: ApiKeysProps;
  readonly api?: RestApiProps;
  readonly integration?: LambdaIntegrationOptions;
  readonly method?: MethodOptions;
  readonly httpMethod?: string;
  readonly add?: (stack: Stack, api: RestApi, keys: ApiKeys) => void;
}

function stackWithRestApi({ flag = false, keys: props = {}, api: apiProps, add, ...options }: Options): Stack {
  const stack = new Stack(new App({ context: { [FLAG]: flag }, analyticsReporting: false }), 'Consumer');
  const keys = new ApiKeys(stack, 'Keys', props);
  const api = new RestApi(stack, 'Api', { cloudWatchRole: false, ...apiProps });
  const integration = new LambdaIntegration(someFunction(stack), options.integration);
  api.root
    .resourceForPath('orders')
    .addMethod(options.httpMethod ?? 'GET', integration, { authorizer: keys.restAuthorizer(), ...options.method });
  add?.(stack, api, keys);
  return stack;
}

function deploymentIds(options: Options): string[] {
  const resources = resourcesOf(Template.fromStack(stackWithRestApi(options)));
  return Object.keys(resources).filter((id) => resources[id]?.Type === 'AWS::ApiGateway::Deployment');
}

const ownDeployment: Options = {
  api: { deploy: false },
  add: (stack, api) => {
    new Stage(stack, 'Prod', { deployment: new Deployment(stack, 'Own', { api }) });
  },
};

describe('a change to the authorizer of a REST API', () => {
  const changes: [string, ApiKeysProps][] = [
    ['restrictions', { restrictions: ['sourceIp'] }],
    ['cacheTtl', { cacheTtl: Duration.seconds(5) }],
    ['keySources', { keySources: [{ header: 'x-acme-key' }] }],
    ['several keySources', { keySources: [{ header: 'x-api-key' }, { query: 'api_key' }] }],
  ];

  describe.each([
    ['with the feature flag', { flag: true }],
    ['without the feature flag', { flag: false }],
    ['with a Deployment of the app', ownDeployment],
  ])('%s', (_name, options) => {
    it.each(changes)('creates a new deployment when %s changes', (_change, keys) => {
      const before = deploymentIds(options);
      expect(before).toHaveLength(1);
      expect(deploymentIds({ ...options, keys })).not.toEqual(before);
    });

    it('creates a new deployment when an escape hatch changes the authorizer', () => {
      const changed = deploymentIds({
        ...options,
        add: (stack, api, keys) => {
          options.add?.(stack, api, keys);
          const authorizer = api.node.findAll().find((node) => CfnAuthorizer.isCfnAuthorizer(node));
          authorizer?.addPropertyOverride('AuthorizerResultTtlInSeconds', 7);
        },
      });
      expect(changed).not.toEqual(deploymentIds(options));
    });

    it('keeps the deployment when nothing changes', () => {
      expect(deploymentIds(options)).toEqual(deploymentIds(options));
    });
  });

  it('a change to the authorizer of a REST API is deployed only after the authorizer itself has changed', () => {
    const template = Template.fromStack(stackWithRestApi(ownDeployment));
    template.hasResource('AWS::ApiGateway::Deployment', {
      DependsOn: Match.arrayWith([Match.stringLikeRegexp('^ApiConsumerKeys\\w+Authorizer')]),
    });
  });

  const warnings = (options: Options) =>
    Annotations.fromStack(stackWithRestApi(options))
      .findWarning('*', Match.stringLikeRegexp('does not reach the stages'))
      .map(({ entry }) => entry.data as string);

  it('a change to the authorizer of a REST API is warned about if the app creates no deployment, with what to do', () => {
    const [warning] = warnings({ api: { deploy: false } });
    expect(warning).toMatch(/REST API Consumer\/Api/);
    expect(warning).toMatch(/Remove `deploy: false`.*new Deployment.*deploy them again/);
  });

  it('a change to the authorizer of a REST API is warned about if a deployment is plain CloudFormation', () => {
    const plain = (stack: Stack, api: RestApi) => {
      new CfnDeployment(stack, 'Plain', { restApiId: api.restApiId });
    };
    expect(warnings({ add: plain })).toHaveLength(1);
  });

  it.each([
    ['the API deploys itself', {}],
    ['the app creates a Deployment', ownDeployment],
    [
      'the warning is acknowledged',
      {
        api: { deploy: false },
        add: (stack: Stack) => {
          Validations.of(stack).acknowledge({ id: 'latchkey-rest-deployment', reason: 'deployed by a pipeline' });
        },
      },
    ],
  ])('a change to the authorizer of a REST API is not warned about if %s', (_when, options) => {
    expect(warnings(options)).toEqual([]);
  });
});

describe('a response cache of a REST stage', () => {
  const warnings = (options: Options) =>
    Annotations.fromStack(stackWithRestApi(options))
      .findWarning('*', Match.stringLikeRegexp('caches the responses'))
      .map(({ entry }) => entry.data as string);
  const cached = (stage: StageOptions): RestApiProps => ({ deployOptions: stage });
  const byHeader = (name: string): Options => ({
    integration: { cacheKeyParameters: [`method.request.header.${name}`] },
    method: { requestParameters: { [`method.request.header.${name}`]: true } },
  });
  const everywhere = cached({ cachingEnabled: true });

  it('a response cache of a REST stage is warned about if the key is not part of the cache key, with what to do', () => {
    const [warning, another] = warnings({ api: everywhere });
    expect(another).toBeUndefined();
    expect(warning).toMatch(/"prod" caches the responses of GET \/orders/);
    expect(warning).toMatch(/cacheKeyParameters: \['method\.request\.header\.x-api-key'\]/);
  });

  it.each<[string, Options]>([
    ['a setting of the method', { api: cached({ methodOptions: { '/orders/GET': { cachingEnabled: true } } }) }],
    ['a cache cluster alone, whose settings may be changed later', { api: cached({ cacheClusterEnabled: true }) }],
    ['a method for every HTTP method', { api: everywhere, httpMethod: 'ANY' }],
    [
      'POST, if its own setting says so',
      { api: cached({ methodOptions: { '/orders/POST': { cachingEnabled: true } } }), httpMethod: 'POST' },
    ],
    ['another header in the cache key', { api: everywhere, ...byHeader('accept') }],
    [
      'one of several places in the cache key',
      {
        api: everywhere,
        keys: { keySources: [{ header: 'x-api-key' }, { query: 'api_key' }] },
        ...byHeader('x-api-key'),
      },
    ],
    [
      'a Stage of the app',
      {
        api: { deploy: false },
        add: (stack, api) => {
          new Stage(stack, 'Beta', { deployment: new Deployment(stack, 'Own', { api }), cachingEnabled: true });
        },
      },
    ],
  ])('a response cache of a REST stage is warned about with %s', (_name, options) => {
    expect(warnings(options)).toHaveLength(1);
  });

  it.each<[string, Options]>([
    ['nothing is cached', {}],
    ['the key is in the cache key', { api: everywhere, ...byHeader('x-api-key') }],
    ['the key is in the cache key, in another case', { api: everywhere, ...byHeader('X-Api-Key') }],
    [
      'the method is not cached',
      { api: cached({ cachingEnabled: true, methodOptions: { '/orders/GET': { cachingEnabled: false } } }) },
    ],
    ['only GET is cached and the method is POST', { api: everywhere, httpMethod: 'POST' }],
    [
      'another method is cached',
      { api: cached({ cachingEnabled: false, methodOptions: { '/other/GET': { cachingEnabled: true } } }) },
    ],
  ])('a response cache of a REST stage is not warned about if %s', (_when, options) => {
    expect(warnings(options)).toEqual([]);
  });

  it('a response cache of a REST stage is not warned about for methods without the authorizer', () => {
    const add = (stack: Stack, api: RestApi) => {
      api.root.addMethod('GET', new LambdaIntegration(someFunction(stack, 'Open')));
    };
    expect(warnings({ api: everywhere, ...byHeader('x-api-key'), add })).toEqual([]);
  });
});
