import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { ApiKeys } from '../../cdk/api-keys.ts';
import { Usage } from '../../cdk/usage.ts';
import { KEEP_BATCHES_SECONDS } from '../../functions/store/usage-store.ts';
import { idOf, only, testApp } from './synth.ts';

function stackWithUsage() {
  const stack = new Stack(testApp(), 'Stack');
  const keys = new ApiKeys(stack, 'Keys', { label: 'acme' });
  return { stack, keys, usage: new Usage(stack, 'Usage', { keys }) };
}

describe('a batch that could not be counted', () => {
  const { stack, usage } = stackWithUsage();
  const template = Template.fromStack(stack);
  const invoked = only(template, 'AWS::Lambda::EventInvokeConfig');
  const queue = only(template, 'AWS::SQS::Queue');

  it('goes to a queue, encrypted and for TLS alone', () => {
    expect(invoked).toMatchObject({
      FunctionName: stack.resolve(usage.aggregator.functionName) as unknown,
      MaximumRetryAttempts: 2,
      MaximumEventAgeInSeconds: 6 * 3600,
      DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': [idOf('UsageUncounted'), 'Arn'] } } },
    });
    expect(queue).toEqual({ SqsManagedSseEnabled: true, MessageRetentionPeriod: 14 * 24 * 3600 });
    expect(JSON.stringify(only(template, 'AWS::SQS::QueuePolicy'))).toContain('"aws:SecureTransport":"false"');
  });

  it('is known again for longer than it can lie there', () => {
    const age = Number(invoked['MaximumEventAgeInSeconds']) + Number(queue['MessageRetentionPeriod']);
    expect(KEEP_BATCHES_SECONDS).toBeGreaterThan(age);
  });
});
