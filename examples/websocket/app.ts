import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { WebSocketApi, WebSocketStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { WebSocketLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { ApiKeys } from 'latchkey/cdk';

/** A WebSocket API that requires an API key to connect. */
const stack = new Stack(new App(), 'LatchkeyWebSocketExample');
const keys = new ApiKeys(stack, 'Keys', { label: 'acme_live' });

const chat = new NodejsFunction(stack, 'Chat', { entry: 'chat/index.ts', runtime: Runtime.NODEJS_24_X });
const webSocketApi = new WebSocketApi(stack, 'Api', {
  connectRouteOptions: {
    integration: new WebSocketLambdaIntegration('ConnectIntegration', chat),
    authorizer: keys.webSocketAuthorizer(),
  },
  defaultRouteOptions: { integration: new WebSocketLambdaIntegration('MessageIntegration', chat) },
});
const stage = new WebSocketStage(stack, 'Live', { webSocketApi, stageName: 'live', autoDeploy: true });

new CfnOutput(stack, 'ApiUrl', { value: stage.url });
new CfnOutput(stack, 'CreateFunctionName', { value: keys.functions.create.functionName });
