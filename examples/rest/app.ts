import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { LambdaRestApi } from 'aws-cdk-lib/aws-apigateway';
import { Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { ApiKeys } from 'latchkey/cdk';

/** A REST API that requires an API key. */
const stack = new Stack(new App(), 'LatchkeyRestExample');
const keys = new ApiKeys(stack, 'Keys', { label: 'acme_live' });

const api = new LambdaRestApi(stack, 'Api', {
  handler: new NodejsFunction(stack, 'Orders', { entry: 'orders/index.ts', runtime: Runtime.NODEJS_24_X }),
  defaultMethodOptions: { authorizer: keys.restAuthorizer() },
  cloudWatchRole: false,
});

new CfnOutput(stack, 'ApiUrl', { value: api.url });
new CfnOutput(stack, 'CreateFunctionName', { value: keys.functions.create.functionName });
