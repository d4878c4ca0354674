import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { ApiKeys } from 'latchkey/cdk';

/** An HTTP API that requires an API key. */
const stack = new Stack(new App(), 'LatchkeyHttpExample');
const keys = new ApiKeys(stack, 'Keys', { label: 'acme_live' });

const orders = new NodejsFunction(stack, 'Orders', { entry: 'orders/index.ts', runtime: Runtime.NODEJS_24_X });
const api = new HttpApi(stack, 'Api', {
  defaultIntegration: new HttpLambdaIntegration('OrdersIntegration', orders),
  defaultAuthorizer: keys.httpAuthorizer(),
});

new CfnOutput(stack, 'ApiUrl', { value: api.apiEndpoint });
new CfnOutput(stack, 'CreateFunctionName', { value: keys.functions.create.functionName });
