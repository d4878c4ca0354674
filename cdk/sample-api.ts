import { Duration } from 'aws-cdk-lib';
import { EndpointType, LambdaIntegration, MethodLoggingLevel, RestApi } from 'aws-cdk-lib/aws-apigateway';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import type { ApiKeys } from './api-keys.ts';
import { LatchkeyFunction } from './latchkey-function.ts';
import type { RateLimits } from './rate-limits.ts';
import type { Usage } from './usage.ts';

interface SampleApiProps {
  readonly keys: ApiKeys;
  readonly limits: RateLimits;
  readonly usage: Usage;
}

/** A REST API behind the authorizer that echoes who called. */
export class SampleApi extends Construct {
  readonly api: RestApi;

  constructor(scope: Construct, id: string, { keys, limits, usage }: SampleApiProps) {
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
      deployOptions: { ...usage.restAccessLog(), loggingLevel: MethodLoggingLevel.ERROR, dataTraceEnabled: false },
      defaultMethodOptions: { authorizer: keys.restAuthorizer() },
    });
    api.node.tryRemoveChild('Endpoint');
    const integration = new LambdaIntegration(echo.function, { allowTestInvoke: false });
    api.root.addMethod('ANY', integration);
    api.root.addResource('{proxy+}').addMethod('ANY', integration);
    acknowledge(
      this,
      { id: 'AwsSolutions-APIG2', reason: 'It echoes whatever it is sent: there is nothing to validate.' },
      { id: 'AwsSolutions-APIG3', reason: 'A sample that answers only to an API key; a WAF is its owner’s choice.' },
      { id: 'AwsSolutions-COG4', reason: 'API keys are what it shows.' },
    );
    this.api = api;
  }
}
