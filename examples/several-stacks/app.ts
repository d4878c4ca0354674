import { App, CfnOutput, NestedStack, Stack } from 'aws-cdk-lib';
import { LambdaRestApi } from 'aws-cdk-lib/aws-apigateway';
import { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { ApiKeys } from 'latchkey/cdk';

/** One set of keys for a REST API in a second stack and an HTTP API in a nested stack of a third. */
const app = new App();
const keysStack = new Stack(app, 'LatchkeySharedKeysExample');
const keys = new ApiKeys(keysStack, 'Keys', { label: 'acme_live' });
new CfnOutput(keysStack, 'CreateFunctionName', { value: keys.functions.create.functionName });
new CfnOutput(keysStack, 'RevokeFunctionName', { value: keys.functions.revoke.functionName });

const backend = (stack: Stack) =>
  new NodejsFunction(stack, 'Backend', { entry: 'orders/index.ts', runtime: Runtime.NODEJS_24_X });

const orders = new Stack(app, 'LatchkeyOrdersExample');
const ordersApi = new LambdaRestApi(orders, 'Api', {
  handler: backend(orders),
  defaultMethodOptions: { authorizer: keys.restAuthorizer() },
  cloudWatchRole: false,
});
new CfnOutput(orders, 'ApiUrl', { value: ordersApi.url });

const invoices = new Stack(app, 'LatchkeyInvoicesExample');
const nested = new NestedStack(invoices, 'Nested');
const invoicesApi = new HttpApi(nested, 'Api', {
  defaultIntegration: new HttpLambdaIntegration('Integration', backend(nested)),
  defaultAuthorizer: keys.httpAuthorizer(),
});
new CfnOutput(invoices, 'ApiUrl', { value: invoicesApi.apiEndpoint });
