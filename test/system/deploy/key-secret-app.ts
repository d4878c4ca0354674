import { App, CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { LambdaIntegration, RestApi } from 'aws-cdk-lib/aws-apigateway';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { ApiKeys } from '../../../cdk/api-keys.ts';
import { KeySecret } from '../../../cdk/key-secret.ts';
import { KeysTable } from '../../../cdk/keys-table.ts';
import { LatchkeyFunction } from '../../../cdk/latchkey-function.ts';
import { RateLimits } from '../../../cdk/rate-limits.ts';

/** The app of `key-secret.deploy.ts`: an API, and keys for it in two secrets. `-c secrets=false` deletes the secrets. */
const app = new App();
const stack = new Stack(app, 'LatchkeyKeySecret');
const table = new KeysTable(stack, 'Table', {
  deletionProtection: false,
  pointInTimeRecovery: false,
  removalPolicy: RemovalPolicy.DESTROY,
});
const keys = new ApiKeys(stack, 'Keys', { table, cacheTtl: Duration.seconds(0) });
keys.addOutputs();
const echo = new LatchkeyFunction(stack, 'Echo', {
  entry: 'echo',
  description: 'Returns the caller',
  memorySize: 128,
  timeout: Duration.seconds(5),
  logRetention: RetentionDays.ONE_DAY,
  tracing: false,
});
// The function counts against the limits of the caller's key.
new RateLimits(stack, 'Limits').attachTo(echo.function);
const api = new RestApi(stack, 'Api', {
  cloudWatchRole: false,
  defaultMethodOptions: { authorizer: keys.restAuthorizer() },
});
api.root.addResource('{proxy+}').addMethod('ANY', new LambdaIntegration(echo.function));
new CfnOutput(stack, 'ApiUrl', { value: api.url });

if (app.node.tryGetContext('secrets') !== 'false')
  for (const [name, removalPolicy] of [
    ['Deleted', RemovalPolicy.DESTROY],
    ['Kept', RemovalPolicy.RETAIN],
  ] as const) {
    const secret = new KeySecret(stack, name, { keys, name, ownerId: 'acme', endpoint: api.url, removalPolicy });
    // MiniStack has no AWS::SecretsManager::RotationSchedule. The test plays its part.
    secret.node.tryRemoveChild('Schedule');
    new CfnOutput(stack, `${name}Secret`, { value: secret.secret.secretArn });
    new CfnOutput(stack, `${name}Rotation`, { value: secret.rotationFunction.functionName });
  }
