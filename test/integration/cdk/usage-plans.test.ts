import { Duration, Stack } from 'aws-cdk-lib';
import { ApiKeySourceType, MockIntegration, RestApi } from 'aws-cdk-lib/aws-apigateway';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import type { ApiKeysProps } from '../../../cdk/api-keys-props.ts';
import { ApiKeys } from '../../../cdk/api-keys.ts';
import { RateLimits } from '../../../cdk/rate-limits.ts';
import { UsagePlans } from '../../../cdk/usage-plans.ts';
import { only, testApp } from '../../support/cdk/synth.ts';

const PLANS = { free: { rate: '30/min', burst: 5, quota: '1000/month' }, pro: { rate: '100/s' } };

function stackWith(props: ApiKeysProps, apiKeySourceType?: ApiKeySourceType) {
  const stack = new Stack(testApp(), 'Stack');
  const keys = new ApiKeys(stack, 'Keys', props);
  const api = new RestApi(stack, 'Api', { ...(apiKeySourceType && { apiKeySourceType }), cloudWatchRole: false });
  api.root.addMethod('GET', new MockIntegration(), { authorizer: keys.restAuthorizer(), apiKeyRequired: true });
  const attach = () => new UsagePlans(stack, 'UsagePlans', { keys, stages: [api.deploymentStage] });
  return { stack, attach };
}

describe('usage plans', () => {
  it('usage plans have the limits of the plans, with a rate per minute as a fraction per second, on the given stages', () => {
    const { stack, attach } = stackWith({ plans: PLANS, usagePlans: true }, ApiKeySourceType.AUTHORIZER);
    attach();
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::ApiGateway::UsagePlan', 2);
    template.hasResourceProperties('AWS::ApiGateway::UsagePlan', {
      Throttle: { RateLimit: 0.5, BurstLimit: 5 },
      Quota: { Limit: 1000, Period: 'MONTH' },
      ApiStages: [Match.objectLike({ Stage: Match.anyValue() })],
    });
    template.hasResourceProperties('AWS::ApiGateway::UsagePlan', {
      Throttle: { RateLimit: 100, BurstLimit: 100 },
      Quota: Match.absent(),
    });
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      EventSourceArn: Match.objectLike({ 'Fn::GetAtt': Match.arrayWith(['StreamArn']) }),
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
  });

  it('usage plans retry a change a limited number of times, and then send its position to a queue', () => {
    const { stack, attach } = stackWith({ plans: PLANS, usagePlans: true }, ApiKeySourceType.AUTHORIZER);
    const { notInStep } = attach();
    const template = Template.fromStack(stack);
    const { MaximumRetryAttempts, ...mapping } = only(template, 'AWS::Lambda::EventSourceMapping');
    expect(mapping).toMatchObject({
      BisectBatchOnFunctionError: true,
      // Two hours less than the retention period of the stream.
      MaximumRecordAgeInSeconds: 79_200,
      DestinationConfig: { OnFailure: { Destination: stack.resolve(notInStep.queueArn) as unknown } },
    });
    expect(MaximumRetryAttempts).toBeGreaterThan(5);
    expect(MaximumRetryAttempts).toBeLessThan(20);
    expect(only(template, 'AWS::SQS::Queue')).toEqual({
      SqsManagedSseEnabled: true,
      MessageRetentionPeriod: 1_209_600,
    });
  });

  it('usage plans require an API that reads the usage identifier from the authorizer, and keys with plans and usagePlans', () => {
    expect(() => stackWith({ plans: PLANS, usagePlans: true }).attach()).toThrow('ApiKeySourceType.AUTHORIZER');
    expect(() => stackWith({ plans: PLANS }, ApiKeySourceType.AUTHORIZER).attach()).toThrow(
      'keys need usagePlans: true',
    );
    expect(() => stackWith({ usagePlans: true }, ApiKeySourceType.AUTHORIZER).attach()).toThrow('keys have no plans');
    const slow = (rate: string) =>
      stackWith({ plans: { slow: { rate } }, usagePlans: true }, ApiKeySourceType.AUTHORIZER).attach;
    expect(slow('35/h')).toThrow('The rate "35/h" of the plan "slow" is too low for a usage plan. Use at least 36/h');
    expect(slow('36/h')).not.toThrow();
  });
});

describe('plans', () => {
  it.each([
    [{ Free: {} }, 'plans contains the name "Free"'],
    [{ free: { rate: '1/fortnight' } }, 'The plan "free" is not valid: "1/fortnight" is not a valid rate'],
    [
      Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`plan-${String(i)}`, { rate: '10/s', quota: '5/day' }])),
      'about 30 plans',
    ],
  ])('plans are rejected with the accepted values: %j', (plans, message) => {
    expect(() => stackWith({ plans })).toThrow(message);
  });
});

describe('the table of the rate limiter', () => {
  const template = (props: (stack: Stack) => ApiKeysProps) => {
    const stack = new Stack(testApp(), 'Stack');
    new ApiKeys(stack, 'Keys', props(stack));
    return Template.fromStack(stack);
  };

  it('the table of the rate limiter is billed on demand, has a TTL, and is in the environment of functions that count', () => {
    const made = template((stack) => ({ cacheTtl: Duration.seconds(0), rateLimits: new RateLimits(stack, 'Limits') }));
    made.hasResourceProperties('AWS::DynamoDB::GlobalTable', {
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
      TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
    });
    made.hasResourceProperties('AWS::Lambda::Function', {
      Environment: {
        Variables: Match.objectLike({ LATCHKEY_LIMITS_TABLE: { Ref: Match.stringLikeRegexp('^LimitsTable') } }),
      },
    });
  });

  it('the table of the rate limiter is rejected for an authorizer whose results are cached', () => {
    expect(() => template((stack) => ({ rateLimits: new RateLimits(stack, 'Limits') }))).toThrow(
      'cacheTtl of Duration.seconds(0)',
    );
  });
});
