import { App, Duration, NestedStack, Stack, type StackProps } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Deployment, LambdaRestApi, RequestAuthorizer, RestApi, Stage } from 'aws-cdk-lib/aws-apigateway';
import { HttpApi, WebSocketApi, WebSocketStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration, WebSocketLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { describe, expect, it } from 'vitest';
import { AdminApi } from '../../../cdk/admin-api.ts';
import { ApiKeys } from '../../../cdk/api-keys.ts';
import type { IApiKeysAuthorizers } from '../../../cdk/i-api-keys.ts';
import { KeyEvents } from '../../../cdk/key-events.ts';
import { Monitoring } from '../../../cdk/monitoring.ts';
import { RateLimits } from '../../../cdk/rate-limits.ts';
import { Usage } from '../../../cdk/usage.ts';
import { cyclesIn, templatesOf } from '../../support/cdk/cycles.ts';
import { only, resourcesOf, someFunction, testApp } from '../../support/cdk/synth.ts';

/** Adds an API to a stack that these keys protect. */
type AddApi = (stack: Stack, keys: ApiKeys) => void;

const rest: AddApi = (stack, keys) => {
  const handler = someFunction(stack, 'RestHandler');
  keys.grantRevoke(handler);
  new LambdaRestApi(stack, 'Rest', { handler, defaultMethodOptions: { authorizer: keys.restAuthorizer() } });
};
const ownRestAuthorizer: AddApi = (stack, keys) => {
  const authorizer = new RequestAuthorizer(stack, 'Own', {
    handler: keys.authorizerFunction,
    identitySources: ['method.request.header.x-api-key'],
    resultsCacheTtl: Duration.minutes(1),
  });
  new LambdaRestApi(stack, 'Rest', {
    handler: someFunction(stack, 'RestHandler'),
    defaultMethodOptions: { authorizer },
  });
};
const ownDeployment: AddApi = (stack, keys) => {
  const api = new RestApi(stack, 'Rest', { deploy: false });
  api.root.addMethod('GET', undefined, { authorizer: keys.restAuthorizer() });
  new Stage(stack, 'Stage', { deployment: new Deployment(stack, 'Deployment', { api }), stageName: 'live' });
};
const namedStage: AddApi = (stack, keys) => {
  const api = new LambdaRestApi(stack, 'Rest', {
    handler: someFunction(stack, 'RestHandler'),
    defaultMethodOptions: { authorizer: keys.restAuthorizer() },
  });
  keys.flushOnRevoke({ kind: 'rest', apiId: api.restApiId, stageName: 'canary' });
};
const http: AddApi = (stack, keys) => {
  new HttpApi(stack, 'Http', {
    defaultIntegration: new HttpLambdaIntegration('Integration', someFunction(stack, 'HttpHandler')),
    defaultAuthorizer: keys.httpAuthorizer(),
  });
};
const webSocket: AddApi = (stack, keys) => {
  const integration = new WebSocketLambdaIntegration('Integration', someFunction(stack, 'WebSocketHandler'));
  const webSocketApi = new WebSocketApi(stack, 'WebSocket', {
    connectRouteOptions: { integration, authorizer: keys.webSocketAuthorizer() },
  });
  new WebSocketStage(stack, 'Live', { webSocketApi, stageName: 'live', autoDeploy: true });
};
const everything: AddApi = (stack, keys) => {
  rest(stack, keys);
  http(stack, keys);
  webSocket(stack, keys);
  const usage = new Usage(stack, 'Usage', { keys });
  usage.restAccessLog();
  const limits = new RateLimits(stack, 'Limits');
  new AdminApi(stack, 'Admin', { keys, usage });
  const events = new KeyEvents(stack, 'Events', { keys, limits });
  new Monitoring(stack, 'Monitoring', { keys, usage, limits, events });
};

/** Where the keys are and where the API is. */
type Topology = (app: App, props: StackProps) => readonly [keys: Stack, api: Stack];

const TOPOLOGIES: readonly (readonly [string, Topology])[] = [
  ['one stack', (app, props) => ((stack) => [stack, stack] as const)(new Stack(app, 'Both', props))],
  ['two stacks', (app, props) => [new Stack(app, 'Keys', props), new Stack(app, 'Api', props)]],
  [
    'an API in a nested stack of the keys’ stack',
    (app, props) => ((stack) => [stack, new NestedStack(stack, 'Api')] as const)(new Stack(app, 'Keys', props)),
  ],
  [
    'keys in a nested stack of the API’s stack',
    (app, props) => ((stack) => [new NestedStack(stack, 'Keys'), stack] as const)(new Stack(app, 'Api', props)),
  ],
  [
    'two nested stacks of one stack',
    (app, props) =>
      ((stack) => [new NestedStack(stack, 'Keys'), new NestedStack(stack, 'Api')] as const)(
        new Stack(app, 'Parent', props),
      ),
  ],
  [
    'two nested stacks of two stacks',
    (app, props) => [
      new NestedStack(new Stack(app, 'A', props), 'Keys'),
      new NestedStack(new Stack(app, 'B', props), 'Api'),
    ],
  ],
];

const APIS: readonly (readonly [string, AddApi])[] = [
  ['a REST API', rest],
  ['a REST API with a RequestAuthorizer of the app', ownRestAuthorizer],
  ['a REST API with a Deployment of the app', ownDeployment],
  ['a REST API whose stage is named for flushing', namedStage],
  ['an HTTP API', http],
  ['a WebSocket API', webSocket],
  ['all kinds of API and all constructs', everything],
];

const APPS: readonly (readonly [string, () => App, StackProps])[] = [
  ['with the recommended feature flags', testApp, {}],
  ['without feature flags', () => new App({ analyticsReporting: false }), {}],
  ['with an account and Region', testApp, { env: { account: '123456789012', region: 'eu-west-1' } }],
];
/** Copying the bundles into each cloud assembly takes most of the time of a synthesis, and isn't tested here. */
const WITHOUT_COPIES = 'aws:cdk:disable-asset-staging';

describe.each(TOPOLOGIES)('keys and an API in %s', (_where, topology) => {
  describe.each(APPS)('%s', (_app, newApp, props) => {
    const isFirst = newApp === testApp && props.env === undefined;
    it.each(isFirst ? APIS : APIS.slice(-1))(
      'keys and an API have no cycle between resources or stacks with %s',
      (_api, addApi) => {
        const app = newApp();
        app.node.setContext(WITHOUT_COPIES, true);
        const [keysStack, apiStack] = topology(app, props);
        addApi(apiStack, new ApiKeys(keysStack, 'Keys', { ownerSuspension: true }));
        expect(cyclesIn(templatesOf(app))).toEqual([]);
      },
    );
  });
});

it('finds a cycle between stacks, and one between resources', () => {
  const template = (imports: string, name: string) => ({
    Resources: { One: { Type: 'A', Properties: { other: { 'Fn::ImportValue': imports } } } },
    Outputs: { Out: { Value: 1, Export: { Name: name } } },
  });
  const stacks = new Map([
    ['A', template('b', 'a')],
    ['B', template('a', 'b')],
  ]);
  expect(cyclesIn(stacks)).toEqual(['stacks: A → B → A']);
  const Resources = {
    One: { Type: 'A', Properties: { 'Fn::Sub': 'x ${Two.Arn}' } },
    Two: { Type: 'A', DependsOn: ['Three'] },
    Three: { Type: 'A', Properties: { one: [{ 'Fn::GetAtt': ['One', 'Arn'] }] } },
  };
  expect(cyclesIn(new Map([['A', { Resources }]]))).toEqual(['A: One → Two → Three → One']);
});

function twoStacks(add: AddApi, props: StackProps = {}) {
  const app = testApp();
  const keysStack = new Stack(app, 'Keys', props);
  const apiStack = new Stack(app, 'Api', props);
  const keys = new ApiKeys(keysStack, 'Keys');
  add(apiStack, keys);
  return { keys, keysStack, apiStack, ofKeys: Template.fromStack(keysStack), ofApi: Template.fromStack(apiStack) };
}

/** Matches a reference to an output of the stack of the keys. */
function fromStackOfKeys(output: string): object {
  return { 'Fn::GetStackOutput': { StackName: 'Keys', OutputName: Match.stringLikeRegexp(output) } };
}

describe('an API in another stack than the keys', () => {
  it('an API in another stack than the keys has the authorizer and the permission to invoke it in its own stack', () => {
    const { ofKeys, ofApi } = twoStacks(rest);
    ofKeys.resourceCountIs('AWS::ApiGateway::Authorizer', 0);
    ofKeys.resourceCountIs('AWS::Lambda::Permission', 0);
    ofApi.resourceCountIs('AWS::ApiGateway::Authorizer', 1);
    ofApi.hasResourceProperties('AWS::Lambda::Permission', {
      FunctionName: fromStackOfKeys('KeysAuthorizerFunction.*Arn'),
      Principal: 'apigateway.amazonaws.com',
      SourceArn: { 'Fn::Join': ['', Match.arrayWith([{ Ref: Match.stringLikeRegexp('^RestKeys.*Authorizer') }])] },
    });
  });

  it('an API in another stack than the keys lists its stages in a parameter that the functions of the keys read, and allows them to flush those', () => {
    const { ofKeys, ofApi } = twoStacks((stack, keys) => {
      rest(stack, keys);
      http(stack, keys);
      webSocket(stack, keys);
    });
    const { Name, Value } = only(ofApi, 'AWS::SSM::Parameter');
    const revoke = only(ofKeys, 'AWS::Lambda::Function', 'KeysRevoke') as {
      Environment: { Variables: Record<string, unknown> };
    };
    expect(revoke.Environment.Variables).not.toHaveProperty('LATCHKEY_STAGES');
    const parameters = JSON.stringify(revoke.Environment.Variables['LATCHKEY_STAGE_PARAMETERS']);
    expect(parameters).toMatch(
      /^\{"Fn::Join":\["",\["\/latchkey\/",\{"Ref":"KeysAuthorizerFunction\w{8}"\},"\/Api"\]\]\}$/,
    );
    expect(JSON.stringify(Name)).toMatch(
      /^\{"Fn::Join":\["",\["\/latchkey\/",\{"Fn::GetStackOutput":\{[^}]*\{[^}]*\},"OutputName":"\w+RefKeysAuthorizerFunction\w+"\}\},"\/Api"\]\]\}$/,
    );
    expect(JSON.stringify(Value)).toMatch(
      /\["rest\/",\{"Ref":"Rest\w{8}"\},"\/prod,http\/",\{"Ref":"Http\w{8}"\},"\/\$default"\]/,
    );
    const policies = Object.values(resourcesOf(ofApi)).filter(({ Type }) => Type === 'AWS::IAM::Policy');
    const flush = policies.filter((policy) => JSON.stringify(policy).includes('"apigateway:DELETE"'));
    expect(flush).toHaveLength(1);
    const roles = flush[0]?.Properties?.['Roles'] as { 'Fn::GetStackOutput': { OutputName: string } }[];
    expect(roles.map((role) => role['Fn::GetStackOutput'].OutputName)).toEqual([
      expect.stringContaining('KeysRotateRole'),
      expect.stringContaining('KeysRevokeRole'),
      expect.stringContaining('KeysDisableRole'),
    ]);
    const statements = JSON.stringify(only(ofKeys, 'AWS::IAM::Policy', 'KeysRevoke'));
    expect(statements).toContain('"ssm:GetParameter"');
    expect(statements).not.toContain('apigateway:DELETE');
  });

  it('an API in another stack than the keys is flushed by a policy of another name than the policies of other stacks, which would replace it in the same role', () => {
    const app = testApp();
    const keys = new ApiKeys(new Stack(app, 'Keys'), 'Keys');
    const nested = new NestedStack(new Stack(app, 'Third'), 'Nested');
    const stacks = [new Stack(app, 'First'), new Stack(app, 'Second'), nested];
    for (const stack of stacks) http(stack, keys);
    const names = stacks.map((stack) => only(Template.fromStack(stack), 'AWS::IAM::Policy')['PolicyName']);
    expect(new Set(names).size).toBe(3);
  });

  it('an API in another stack than the keys is not listed if nothing is cached', () => {
    const { ofKeys, ofApi } = twoStacks(webSocket);
    ofApi.resourceCountIs('AWS::SSM::Parameter', 0);
    expect(JSON.stringify(ofKeys)).not.toContain('LATCHKEY_STAGE');
  });

  it('an API in another stack than the keys is not mistaken for an API of the same logical ID that other keys protect', () => {
    const app = testApp();
    const stacks = ['One', 'Two'].map((id) => {
      const stack = new Stack(app, id);
      rest(stack, new ApiKeys(stack, 'Keys'));
      return stack;
    });
    for (const stack of stacks) {
      const template = Template.fromStack(stack);
      template.resourceCountIs('AWS::SSM::Parameter', 0);
      expect(JSON.stringify(template)).not.toMatch(/ImportValue|GetStackOutput/);
      expect(Annotations.fromStack(stack).findWarning('*', Match.anyValue())).toEqual([]);
    }
  });

  it('an API in another stack than the keys is warned about if a revocation cannot flush its cache, because it is in another Region', () => {
    const app = testApp();
    const keysStack = new Stack(app, 'Keys', { env: { account: '123456789012', region: 'eu-west-1' } });
    const apiStack = new Stack(app, 'Api', {
      env: { account: '123456789012', region: 'us-east-1' },
      crossRegionReferences: true,
    });
    http(apiStack, new ApiKeys(keysStack, 'Keys'));
    app.synth();
    const warnings = Annotations.fromStack(keysStack).findWarning('*', Match.stringLikeRegexp('cannot flush'));
    expect(warnings.map(({ entry }) => entry.data)).toEqual([
      expect.stringMatching(/the stage http\/…\/\$default in Api: the stack is in another account or Region/),
    ]);
  });
});

describe('several APIs', () => {
  it('several APIs each get one authorizer in the same stack from restAuthorizer(), without construct IDs', () => {
    const app = testApp();
    const stack = new Stack(app, 'Api');
    const keys = new ApiKeys(new Stack(app, 'Keys'), 'Keys');
    for (const id of ['One', 'Two']) {
      const api = new RestApi(stack, id);
      api.root.addMethod('GET', undefined, { authorizer: keys.restAuthorizer() });
      api.root.addMethod('POST', undefined, { authorizer: keys.restAuthorizer() });
    }
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::ApiGateway::Authorizer', 2);
    const methods = Object.entries(resourcesOf(template)).filter(([, { Type }]) => Type === 'AWS::ApiGateway::Method');
    for (const [id, { Properties }] of methods)
      expect(Properties?.['AuthorizerId']).toEqual({ Ref: expect.stringMatching(`^${id.slice(0, 3)}Keys`) as string });
  });

  it('several APIs cannot share what one call of restAuthorizer() returned: the error says what to do', () => {
    const stack = new Stack(testApp(), 'Stack');
    const authorizer = new ApiKeys(stack, 'Keys').restAuthorizer();
    new RestApi(stack, 'One').root.addMethod('GET', undefined, { authorizer });
    expect(() => new RestApi(stack, 'Two').root.addMethod('GET', undefined, { authorizer })).toThrow(
      'attached to two REST APIs. Call restAuthorizer() again for Stack/Two.',
    );
  });

  it('several APIs can each take several kinds of key', () => {
    const stack = new Stack(testApp(), 'Stack');
    const keys = new ApiKeys(stack, 'Keys');
    const partnerKeys = new ApiKeys(stack, 'PartnerKeys', { label: 'partner', table: keys.table });
    const api = new RestApi(stack, 'Rest');
    api.root.addMethod('GET', undefined, { authorizer: keys.restAuthorizer() });
    api.root.addMethod('POST', undefined, { authorizer: partnerKeys.restAuthorizer() });
    const integration = new HttpLambdaIntegration('Integration', someFunction(stack));
    const httpApi = new HttpApi(stack, 'Http');
    httpApi.addRoutes({ path: '/a', integration, authorizer: keys.httpAuthorizer() });
    httpApi.addRoutes({ path: '/b', integration, authorizer: keys.httpAuthorizer() });
    httpApi.addRoutes({ path: '/c', integration, authorizer: partnerKeys.httpAuthorizer() });
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::ApiGateway::Authorizer', 2);
    template.resourceCountIs('AWS::ApiGatewayV2::Authorizer', 2);
  });
});

describe('keys of another app or account', () => {
  const ARN = 'arn:aws:lambda:eu-west-1:111122223333:function:acme-authorizer';
  const protect = (keys: IApiKeysAuthorizers, stack: Stack) => {
    const handler = someFunction(stack);
    new LambdaRestApi(stack, 'Rest', { handler, defaultMethodOptions: { authorizer: keys.restAuthorizer() } });
    new HttpApi(stack, 'Http', {
      defaultIntegration: new HttpLambdaIntegration('Integration', handler),
      defaultAuthorizer: keys.httpAuthorizer(),
    });
    return Template.fromStack(stack);
  };
  const stackIn = (account: string) => new Stack(testApp(), 'Consumer', { env: { account, region: 'eu-west-1' } });
  const permissions = (template: Template) =>
    Object.values(resourcesOf(template)).filter(
      ({ Type, Properties }) =>
        Type === 'AWS::Lambda::Permission' && JSON.stringify(Properties).includes('acme-authorizer'),
    );

  it('keys of another app or account are imported by the ARN of the authorizer function, which API Gateway may then invoke', () => {
    const stack = stackIn('111122223333');
    const template = protect(ApiKeys.fromAuthorizerFunctionArn(stack, 'Keys', ARN), stack);
    expect(only(template, 'AWS::ApiGateway::Authorizer')).toMatchObject({
      IdentitySource: 'method.request.header.x-api-key',
      AuthorizerResultTtlInSeconds: 60,
    });
    expect(JSON.stringify(only(template, 'AWS::ApiGateway::Authorizer')['AuthorizerUri'])).toContain(ARN);
    expect(permissions(template)).toHaveLength(2);
  });

  it('keys of another app or account have the caching that their props determine', () => {
    const stack = stackIn('111122223333');
    const keys = ApiKeys.fromApiKeysAttributes(stack, 'Keys', {
      authorizerFunctionArn: ARN,
      keySources: [{ header: 'authorization', scheme: 'Bearer' }],
      cacheTtl: Duration.seconds(5),
      httpResponse: 'simple',
    });
    expect(keys.cacheTtl.toSeconds()).toBe(5);
    const template = protect(keys, stack);
    expect(only(template, 'AWS::ApiGateway::Authorizer')).toMatchObject({
      IdentitySource: 'method.request.header.authorization',
      AuthorizerResultTtlInSeconds: 5,
    });
    expect(only(template, 'AWS::ApiGatewayV2::Authorizer')).toMatchObject({ EnableSimpleResponses: true });
    expect(() => ApiKeys.fromApiKeysAttributes(stack, 'Other', { authorizerFunctionArn: ARN, keySources: [] })).toThrow(
      'keySources is empty',
    );
  });

  it('keys of another app or account get no permission in this app if they belong to another account, and CDK warns about that', () => {
    const stack = stackIn('999999999999');
    expect(permissions(protect(ApiKeys.fromAuthorizerFunctionArn(stack, 'Keys', ARN), stack))).toEqual([]);
    expect(Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('no effect'))).not.toEqual([]);
  });

  it('keys of another app or account are warned about, because revocations do not flush the caches here', () => {
    const warningsWith = (cacheTtl: Duration) => {
      const stack = stackIn('111122223333');
      protect(ApiKeys.fromApiKeysAttributes(stack, 'Keys', { authorizerFunctionArn: ARN, cacheTtl }), stack);
      return Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('do not flush'));
    };
    expect(warningsWith(Duration.seconds(60))).toHaveLength(1);
    expect(warningsWith(Duration.seconds(0))).toEqual([]);
  });
});
