import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { AuthorizationType, LambdaIntegration, RestApi, type IAuthorizer } from 'aws-cdk-lib/aws-apigateway';
import { UserPool } from 'aws-cdk-lib/aws-cognito';
import { Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { ApiKeys } from 'latchkey/cdk';
import { heroAttributes } from './attributes.ts';

/**
 * The test project of djangorestframework-api-key, for API Gateway: a public route, a route for API keys in a custom header,
 * a route for such a key or a signed-in user, and a second kind of key that belongs to a hero and stops working when the
 * hero retires.
 */
const stack = new Stack(new App(), 'LatchkeyHeroesExample');

const users = new UserPool(stack, 'Users');
const client = users.addClient('Web');

const keys = new ApiKeys(stack, 'Keys', {
  label: 'app',
  keySources: [{ header: 'x-heroes-key' }],
  alternativeSources: [{ header: 'authorization', scheme: 'Bearer' }],
  authorizerEntry: 'authorize/index.ts',
});
keys.authorizerFunction.addEnvironment('USER_POOL_ID', users.userPoolId);
keys.authorizerFunction.addEnvironment('USER_POOL_CLIENT_ID', client.userPoolClientId);

/** Uses the same table, but the routes of each kind reject the keys of the other kind. */
const heroKeys = new ApiKeys(stack, 'HeroKeys', {
  label: 'hero',
  table: keys.table,
  keySources: [{ header: 'authorization', scheme: 'Api-Key' }],
  attributes: heroAttributes.schema,
  ownerSuspension: true,
  cacheTtl: Duration.seconds(5),
});

/** Allows a key, or a signed-in user, whose policy allows `/either` only. */
const keyOrUser = keys.restAuthorizer();
/** The authorizer of each route. */
const routes: Record<string, IAuthorizer | undefined> = {
  '/public': undefined,
  '/protected': keyOrUser,
  '/either': keyOrUser,
  '/heroes/me': heroKeys.restAuthorizer(),
};

const handler = new NodejsFunction(stack, 'Heroes', { entry: 'api/index.ts', runtime: Runtime.NODEJS_24_X });
const api = new RestApi(stack, 'Api', { cloudWatchRole: false });
for (const [path, authorizer] of Object.entries(routes)) {
  const resource = api.root.resourceForPath(path);
  const options = authorizer === undefined ? { authorizationType: AuthorizationType.NONE } : { authorizer };
  resource.addMethod('GET', new LambdaIntegration(handler), options);
}

const retire = new NodejsFunction(stack, 'Retire', {
  entry: 'retire/index.ts',
  runtime: Runtime.NODEJS_24_X,
  timeout: Duration.seconds(30),
  bundling: { bundleAwsSDK: true, mainFields: ['module', 'main'] },
  environment: {
    SUSPEND_FUNCTION: heroKeys.functions.suspend.functionName,
    RESUME_FUNCTION: heroKeys.functions.resume.functionName,
  },
});
heroKeys.grantSuspend(retire);
heroKeys.grantResume(retire);

new CfnOutput(stack, 'ApiUrl', { value: api.url });
new CfnOutput(stack, 'CreateFunctionName', { value: keys.functions.create.functionName });
new CfnOutput(stack, 'CreateHeroKeyFunctionName', { value: heroKeys.functions.create.functionName });
new CfnOutput(stack, 'ListHeroKeysFunctionName', { value: heroKeys.functions.list.functionName });
new CfnOutput(stack, 'HeroSettingsFunctionName', { value: heroKeys.functions.settings.functionName });
new CfnOutput(stack, 'RetireFunctionName', { value: retire.functionName });
