import { App, CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { LambdaRestApi } from 'aws-cdk-lib/aws-apigateway';
import { HttpApi, WebSocketApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration, WebSocketLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import {
  AdminApi,
  AdminConsole,
  ApiCors,
  ApiGatewayLogRole,
  ApiKeys,
  KeyEvents,
  KeySecret,
  KeysTable,
  Monitoring,
  RateLimits,
  Usage,
} from 'latchkey/cdk';
import { z } from 'zod';

/** The same app as examples/python, examples/java and examples/go. */
const ORIGIN = 'https://app.example.com';

class OrdersStack extends Stack {
  readonly keys: ApiKeys;
  readonly limits: RateLimits;
  readonly usage: Usage;

  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    this.keys = new ApiKeys(this, 'Keys', {
      table: new KeysTable(this, 'Table', { removalPolicy: RemovalPolicy.DESTROY, deletionProtection: false }),
      label: 'acme_live',
      keySources: [{ header: 'authorization', scheme: 'Bearer' }],
      importedFormats: ['drf'],
      unscopedKeys: 'nothing',
      httpResponse: 'simple',
      cacheTtl: Duration.seconds(30),
      ownerSuspension: true,
      plans: { free: { rate: '10/s', quota: '10000/month' }, pro: { rate: '100/s', burst: 200 } },
      attributes: z.object({
        tenant: z.string().max(40),
        tier: z.enum(['trial', 'premium']).default('trial'),
      }),
      logRetention: RetentionDays.ONE_MONTH,
    });
    this.keys.addOutputs();
    this.limits = new RateLimits(this, 'Limits');
    this.usage = new Usage(this, 'Usage', { keys: this.keys });
    this.usage.addOutputs();

    const orders = new Function(this, 'Orders', {
      runtime: Runtime.PYTHON_3_13,
      handler: 'index.handler',
      code: Code.fromAsset('../python/api'),
    });

    const rest = new LambdaRestApi(this, 'Rest', {
      handler: orders,
      deployOptions: this.usage.restAccessLog(),
      defaultMethodOptions: { authorizer: this.keys.restAuthorizer() },
      cloudWatchRole: false,
    });
    ApiCors.addToRestApi(rest, { allowOrigin: ORIGIN });

    const http = new HttpApi(this, 'Http');
    const integration = new HttpLambdaIntegration('Orders', orders);
    http.addRoutes({ path: '/orders/{proxy+}', integration, authorizer: this.keys.httpAuthorizer() });
    ApiCors.addToHttpApi(http, integration, { allowOrigin: ORIGIN });

    const webSocket = new WebSocketApi(this, 'WebSocket');
    webSocket.addRoute('$connect', {
      integration: new WebSocketLambdaIntegration('Orders', orders),
      authorizer: this.keys.webSocketAuthorizer(),
    });

    this.keys.flushOnRevoke({ kind: 'rest', apiId: 'a1b2c3d4e5', stageName: 'prod' });
    this.keys.grant('suspend', orders);

    new CfnOutput(this, 'ApiUrl', { value: rest.url });
    new CfnOutput(this, 'HttpApiUrl', { value: http.apiEndpoint });
    new CfnOutput(this, 'VerifyFunction', { value: this.keys.functions.verify.functionArn });
  }
}

class OperationsStack extends Stack {
  constructor(scope: Construct, id: string, { keys, limits, usage }: OrdersStack) {
    super(scope, id);
    new ApiGatewayLogRole(this, 'ApiGatewayLogRole');
    new AdminApi(this, 'Admin', { keys, usage });
    new AdminConsole(this, 'Console', { keys, usage, mfa: 'optional' }).addOutputs();
    const events = new KeyEvents(this, 'Events', { keys, limits, expiryNotices: [Duration.days(14)] });
    new Monitoring(this, 'Monitoring', { keys, limits, usage, events });
    new KeySecret(this, 'CheckoutKey', {
      keys,
      name: 'Checkout',
      scopes: ['GET /orders/*'],
      metadata: { tenant: 'acme', tier: 'premium' },
      plan: 'pro',
      limits: { rate: '50/s' },
      restrictions: { stages: ['prod'] },
    });
  }
}

const app = new App();
new OperationsStack(app, 'LatchkeyOperationsExample', new OrdersStack(app, 'LatchkeyOrdersExample'));
app.synth();
