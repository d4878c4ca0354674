import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { LatchkeyStack } from './latchkey-stack.ts';

const app = new App();
new LatchkeyStack(app, 'Latchkey', {
  description: 'Latchkey: API keys for Amazon API Gateway',
  // Set with `cdk deploy -c apiGatewayLogRole=false`.
  apiGatewayLogRole: app.node.tryGetContext('apiGatewayLogRole') !== 'false',
  // Set with `-c monitoring=true`.
  monitoring: app.node.tryGetContext('monitoring') === 'true',
  // Set with `-c console=true`.
  console: app.node.tryGetContext('console') === 'true',
});
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
