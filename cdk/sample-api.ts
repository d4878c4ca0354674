import { Duration, Validations } from 'aws-cdk-lib';
import { EndpointType, LambdaIntegration, RestApi } from 'aws-cdk-lib/aws-apigateway';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { KEY_CALLER, loggedStage } from './access-log.ts';
import type { ApiKeys } from './api-keys.ts';
import { LatchkeyFunction } from './latchkey-function.ts';
import type { RateLimits } from './rate-limits.ts';

/** A REST API behind the authorizer that echoes who called. */
export class SampleApi extends Construct {
  readonly api: RestApi;

  constructor(scope: Construct, id: string, { keys, limits }: { readonly keys: ApiKeys; readonly limits: RateLimits }) {
    super(scope, id);
    const logRetention = RetentionDays.ONE_MONTH;
    const echo = new LatchkeyFunction(this, 'Echo', {
      entry: 'echo',
      description: 'Echoes who called',
      memorySize: 128,
      timeout: Duration.seconds(5),
      logRetention,
      tracing: false,
    });
    limits.attachTo(echo.function);
    const api = new RestApi(this, 'Api', {
      description: 'Echoes who called with an API key',
      endpointTypes: [EndpointType.REGIONAL],
      cloudWatchRole: false,
      deployOptions: loggedStage(this, KEY_CALLER, logRetention),
      defaultMethodOptions: { authorizer: keys.restAuthorizer() },
    });
    api.node.tryRemoveChild('Endpoint');
    const integration = new LambdaIntegration(echo.function, { allowTestInvoke: false });
    api.root.addMethod('ANY', integration);
    api.root.addResource('{proxy+}').addMethod('ANY', integration);
    Validations.of(this).acknowledge(
      { id: 'AwsSolutions-APIG2', reason: 'It echoes whatever it is sent: there is nothing to validate.' },
      { id: 'AwsSolutions-APIG3', reason: 'A sample that answers only to an API key; a WAF is its owner’s choice.' },
      { id: 'AwsSolutions-COG4', reason: 'API keys are what it shows.' },
    );
    this.api = api;
  }
}
