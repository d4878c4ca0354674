import { App, CfnOutput, Duration, RemovalPolicies, Stack } from 'aws-cdk-lib';
import {
  HttpApi,
  PayloadFormatVersion,
  WebSocketApi,
  WebSocketStage,
  type IWebSocketRouteAuthorizer,
} from 'aws-cdk-lib/aws-apigatewayv2';
import {
  HttpLambdaAuthorizer,
  HttpLambdaResponseType,
  WebSocketLambdaAuthorizer,
} from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration, WebSocketLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import {
  AccessLogFormat,
  LambdaIntegration,
  LambdaRestApi,
  LogGroupLogDestination,
  RequestAuthorizer,
} from 'aws-cdk-lib/aws-apigateway';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { AdminApi } from '../../../cdk/admin-api.ts';
import { ApiGatewayLogRole } from '../../../cdk/api-gateway-log-role.ts';
import { ApiKeys } from '../../../cdk/api-keys.ts';
import { KeysTable } from '../../../cdk/keys-table.ts';
import { LatchkeyFunction } from '../../../cdk/latchkey-function.ts';
import { RateLimits } from '../../../cdk/rate-limits.ts';
import { SampleApi } from '../../../cdk/sample-api.ts';
import { Usage } from '../../../cdk/usage.ts';

/** The app that `npm run test:aws` deploys and destroys. Deleting the stack deletes all of its resources. */
const app = new App();
const context = (name: string): string => {
  const value: unknown = app.node.tryGetContext(name);
  if (typeof value !== 'string' || value === '') throw new Error(`The context value ${name} is missing.`);
  return value;
};
const stack = new Stack(app, context('stackName'), { description: 'Latchkey: npm run test:aws. Safe to delete.' });
const output = (name: string, value: string) => new CfnOutput(stack, name, { value });

const table = new KeysTable(stack, 'Table', { deletionProtection: false, pointInTimeRecovery: false });
const keys = new ApiKeys(stack, 'Keys', { table, logRetention: RetentionDays.ONE_DAY });
const simple = new ApiKeys(stack, 'Simple', {
  table,
  label: 'lks',
  httpResponse: 'simple',
  flushOnRevoke: false,
  logRetention: RetentionDays.ONE_DAY,
});
const limits = new RateLimits(stack, 'Limits');
const usage = new Usage(stack, 'Usage', { keys });
const admin = new AdminApi(stack, 'Admin', { keys, usage });
const sample = new SampleApi(stack, 'Sample', { keys, limits, usage });

const testFunction = (id: string, file: string) =>
  new LatchkeyFunction(stack, id, {
    entry: { file: `test/system/aws/functions/${file}.ts` },
    description: 'Latchkey: npm run test:aws',
    memorySize: 128,
    timeout: Duration.seconds(5),
    logRetention: RetentionDays.ONE_DAY,
    tracing: false,
  }).function;
const backend = testFunction('Backend', 'backend');
const probe = testFunction('Probe', 'probe-authorizer');

// Latchkey's authorizer, for each kind of API.
const httpIam = new HttpApi(stack, 'HttpIam', {
  defaultIntegration: new HttpLambdaIntegration('HttpIamBackend', backend, {
    payloadFormatVersion: PayloadFormatVersion.VERSION_1_0,
  }),
  defaultAuthorizer: keys.httpAuthorizer(),
});
const httpSimple = new HttpApi(stack, 'HttpSimple', {
  defaultIntegration: new HttpLambdaIntegration('HttpSimpleBackend', backend),
  defaultAuthorizer: simple.httpAuthorizer(),
});
const webSocketApi = (id: string, authorizer: IWebSocketRouteAuthorizer) => {
  const api = new WebSocketApi(stack, id, {
    connectRouteOptions: { integration: new WebSocketLambdaIntegration(`${id}Connect`, backend), authorizer },
    defaultRouteOptions: { integration: new WebSocketLambdaIntegration(`${id}Default`, backend) },
  });
  return new WebSocketStage(stack, `${id}Stage`, { webSocketApi: api, stageName: 'live', autoDeploy: true }).url;
};

// An authorizer that does what the questions need.
const probeHttp = new HttpApi(stack, 'ProbeHttp', {
  defaultIntegration: new HttpLambdaIntegration('ProbeHttpBackend', backend),
});
const probeRoute = (path: string, identitySource: string) => {
  probeHttp.addRoutes({
    path,
    integration: new HttpLambdaIntegration(`Probe${path.slice(1)}`, backend),
    authorizer: new HttpLambdaAuthorizer(`Probe${path.slice(1)}Authorizer`, probe, {
      identitySource: [identitySource],
      responseTypes: [HttpLambdaResponseType.SIMPLE],
      resultsCacheTtl: Duration.seconds(0),
    }),
  });
};
probeRoute('/throw', '$context.identity.sourceIp');
probeRoute('/cookie', '$request.header.Cookie');

const probeLog = new LogGroup(stack, 'ProbeLog', { retention: RetentionDays.ONE_DAY });
const probeRest = new LambdaRestApi(stack, 'ProbeRest', {
  handler: backend,
  proxy: false,
  cloudWatchRole: false,
  deployOptions: {
    accessLogDestination: new LogGroupLogDestination(probeLog),
    accessLogFormat: AccessLogFormat.custom(
      '{"requestId":"$context.requestId","status":"$context.status","keyId":"$context.authorizer.keyId"}',
    ),
  },
});
probeRest.root.addResource('{proxy+}').addMethod('ANY', new LambdaIntegration(backend), {
  authorizer: new RequestAuthorizer(stack, 'ProbeRestAuthorizer', {
    handler: probe,
    identitySources: ['context.identity.sourceIp'],
    resultsCacheTtl: Duration.seconds(0),
  }),
});
for (const { api } of [admin, sample]) api.node.addDependency(table);
if (context('logRole') === 'create') {
  const logRole = new ApiGatewayLogRole(stack, 'ApiGatewayLogRole');
  for (const api of [admin.api, sample.api, probeRest]) api.deploymentStage.node.addDependency(logRole);
}

output('SampleApiUrl', sample.api.url);
output('AdminApiUrl', admin.api.url);
output('HttpIamUrl', httpIam.apiEndpoint);
output('HttpIamId', httpIam.apiId);
output('HttpSimpleUrl', httpSimple.apiEndpoint);
output('WebSocketUrl', webSocketApi('WebSocket', keys.webSocketAuthorizer()));
output(
  'ProbeWebSocketUrl',
  webSocketApi(
    'ProbeWebSocket',
    new WebSocketLambdaAuthorizer('ProbeWebSocketAuthorizer', probe, {
      identitySource: ['route.request.header.X-Probe'],
    }),
  ),
);
output('ProbeHttpUrl', probeHttp.apiEndpoint);
output('ProbeHttpId', probeHttp.apiId);
output('ProbeRestUrl', probeRest.url);
output('ProbeRestId', probeRest.restApiId);
output('ProbeFunctionArn', probe.functionArn);
output('ProbeLogName', probeLog.logGroupName);
output('SimpleCreateFunctionName', simple.functions.create.functionName);
output('SimpleRevokeFunctionName', simple.functions.revoke.functionName);
keys.addOutputs();
usage.addOutputs();

RemovalPolicies.of(stack).destroy();
