import { Stack, type StackProps } from 'aws-cdk-lib';
import { LambdaRestApi } from 'aws-cdk-lib/aws-apigateway';
import { HttpApi, WebSocketApi, WebSocketStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration, WebSocketLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { ApiKeys } from '../../../cdk/api-keys.ts';

export class OrdersStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const orders = new Function(this, 'Orders', {
      runtime: Runtime.NODEJS_24_X,
      handler: 'index.handler',
      code: Code.fromInline(`exports.handler = async ({ requestContext }) =>
        ({ statusCode: 200, body: JSON.stringify(requestContext.authorizer ?? null) })`),
    });

    const keys = new ApiKeys(this, 'Keys', { label: 'acme_live' });

    new LambdaRestApi(this, 'Rest', {
      handler: orders,
      defaultMethodOptions: { authorizer: keys.restAuthorizer() },
    });

    new HttpApi(this, 'Http', {
      defaultIntegration: new HttpLambdaIntegration('Orders', orders),
      defaultAuthorizer: keys.httpAuthorizer(),
    });

    const webSocketApi = new WebSocketApi(this, 'WebSocket', {
      connectRouteOptions: {
        integration: new WebSocketLambdaIntegration('Orders', orders),
        authorizer: keys.webSocketAuthorizer(),
      },
    });
    new WebSocketStage(this, 'Live', { webSocketApi, stageName: 'live', autoDeploy: true });

    // Allows this function to revoke keys, and nothing else.
    keys.grantRevoke(orders);

    keys.addOutputs(); // The CLI finds the deployment by these outputs.
  }
}
