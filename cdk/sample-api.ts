import { Duration } from 'aws-cdk-lib';
import { EndpointType, LambdaIntegration, MethodLoggingLevel, RestApi } from 'aws-cdk-lib/aws-apigateway';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import type { IApiKeys } from './i-api-keys.ts';
import { LatchkeyFunction } from './latchkey-function.ts';
import type { RateLimits } from './rate-limits.ts';
import type { Usage } from './usage.ts';

interface SampleApiProps {
  readonly keys: IApiKeys;
  readonly limits: RateLimits;
  readonly usage: Usage;
}

/** A REST API that requires a key and returns the caller. */
export class SampleApi extends Construct {
  readonly api: RestApi;

  constructor(scope: Construct, id: string, { keys, limits, usage }: SampleApiProps) {
    super(scope, id);
    const logRetention = RetentionDays.ONE_MONTH;
    const echo = new LatchkeyFunction(this, 'Echo', {
      entry: 'echo',
      description: 'Returns the caller of the sample API',
      memorySize: 128,
      timeout: Duration.seconds(5),
      logRetention,
      tracing: false,
    });
    limits.attachTo(echo.function);
    const api = new RestApi(this, 'Api', {
      description: 'Returns the caller of a request with an API key',
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
      {
        id: 'AwsSolutions-APIG2',
        reason: 'It returns the caller and accepts any request, so there is nothing to validate.',
      },
      {
        id: 'AwsSolutions-APIG3',
        reason: 'It is a sample that requires an API key. Whether to add a WAF is up to the account owner.',
      },
      { id: 'AwsSolutions-COG4', reason: 'It demonstrates API keys.' },
    );
    this.api = api;
  }
}
