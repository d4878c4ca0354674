import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { describe, expect, it } from 'vitest';
import { AdminApi } from '../../../cdk/admin-api.ts';
import { ApiKeys } from '../../../cdk/api-keys.ts';
import { httpAlias } from '../../../cdk/http-alias.ts';
import { AdminConsole } from '../../../cdk/console.ts';
import { Monitoring } from '../../../cdk/monitoring.ts';
import { Usage } from '../../../cdk/usage.ts';
import { KEEP_SEEN_SECONDS } from '../../../src/usage/usage-store.ts';
import { unreadableEntry } from '../../../src/usage/report.ts';
import { idOf, only, resourcesOf, testApp, type Resource } from '../../support/cdk/synth.ts';

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

  it('goes to an encrypted queue that requires TLS', () => {
    expect(invoked).toMatchObject({
      FunctionName: stack.resolve(usage.aggregator.functionName) as unknown,
      MaximumRetryAttempts: 2,
      MaximumEventAgeInSeconds: 6 * 3600,
      DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': [idOf('UsageUncounted'), 'Arn'] } } },
    });
    expect(queue).toEqual({ SqsManagedSseEnabled: true, MessageRetentionPeriod: 14 * 24 * 3600 });
    expect(JSON.stringify(only(template, 'AWS::SQS::QueuePolicy'))).toContain('"aws:SecureTransport":"false"');
  });

  it('a batch that could not be counted is recognized as a duplicate for longer than the queue keeps it', () => {
    const age = Number(invoked['MaximumEventAgeInSeconds']) + Number(queue['MessageRetentionPeriod']);
    expect(KEEP_SEEN_SECONDS).toBeGreaterThan(age);
  });
});

describe('access log lines that cannot be read', () => {
  const { stack, usage } = stackWithUsage();
  usage.restAccessLog();
  usage.httpAccessLog();
  const template = Template.fromStack(stack);

  it('access log lines that cannot be read reach the aggregator, because the subscription has no filter that drops what is not JSON', () => {
    const filters = Object.values(template.findResources('AWS::Logs::SubscriptionFilter'));
    expect(filters.map((filter) => (filter as Resource).Properties?.['FilterPattern'])).toEqual(['', '']);
  });

  it('access log lines that cannot be read trigger an alarm on the metric that the aggregator writes', () => {
    const functionName = 'the-aggregator';
    const lines = { logGroup: 'access', logStream: 'stream', ids: ['1', '2'] };
    const entry = unreadableEntry(lines, { functionName, now: 1 }) as Record<string, unknown> & {
      _aws: { CloudWatchMetrics: { Namespace: string; Dimensions: string[][]; Metrics: { Name: string }[] }[] };
    };
    const [metric] = entry._aws.CloudWatchMetrics;
    const [dimension = ''] = metric?.Dimensions[0] ?? [];
    expect(entry).toMatchObject({ [dimension]: functionName, [metric?.Metrics[0]?.Name ?? '']: 2 });
    expect(only(template, 'AWS::CloudWatch::Alarm')).toMatchObject({
      Namespace: metric?.Namespace,
      MetricName: metric?.Metrics[0]?.Name,
      Dimensions: [{ Name: dimension, Value: stack.resolve(usage.aggregator.functionName) as unknown }],
      Statistic: 'Sum',
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      EvaluationPeriods: 3,
      DatapointsToAlarm: 1,
      TreatMissingData: 'notBreaching',
    });
  });

  it('access log lines that cannot be read trigger the same actions as the other alarms', () => {
    const watched = stackWithUsage();
    watched.usage.restAccessLog();
    const topic = new Topic(watched.stack, 'Topic');
    new Monitoring(watched.stack, 'Monitoring', { ...watched, alarmActions: [new SnsAction(topic)] });
    expect(only(Template.fromStack(watched.stack), 'AWS::CloudWatch::Alarm', 'UsageUnreadableLines')).toMatchObject({
      AlarmActions: [watched.stack.resolve(topic.topicArn) as unknown],
    });
  });
});

describe('an access log', () => {
  const { stack, usage } = stackWithUsage();
  const rest = usage.restAccessLog();
  const http = usage.httpAccessLog();
  const template = Template.fromStack(stack);

  it('an access log has a unique name under /aws/vendedlogs/ for an HTTP API', () => {
    const named = Object.values(resourcesOf(template)).flatMap(({ Type, Properties = {} }) =>
      Type === 'AWS::Logs::LogGroup' && 'LogGroupName' in Properties
        ? [JSON.stringify(Properties['LogGroupName'])]
        : [],
    );
    expect(named).toHaveLength(1);
    expect(named[0]).toContain('"/aws/vendedlogs/latchkey/');
    expect(named[0]).toContain('{"Ref":"AWS::StackId"}');
  });

  it.each([
    ['REST', rest.accessLogFormat?.toString()],
    ['HTTP', http.format?.toString()],
  ])('an access log contains neither the owner nor text from the caller for a %s API', (_, format = '') => {
    expect(Object.values(JSON.parse(format) as object)).toContain('$context.error.responseType');
    expect(format).not.toMatch(/ownerId|error\.message/);
  });
});

describe('with several kinds of key', () => {
  it.each([
    [
      'the admin API',
      'AWS::ApiGateway::Method',
      (stack: Stack, id: string, keys: ApiKeys, usage: Usage) => new AdminApi(stack, id, { keys, usage }),
    ],
    [
      'the hosted console',
      'AWS::ApiGatewayV2::Integration',
      (stack: Stack, id: string, keys: ApiKeys, usage: Usage) => new AdminConsole(stack, id, { keys, usage }),
    ],
  ] as const)('%s returns only the usage of the kind that it manages', (_what, type, make) => {
    const { stack, keys, usage } = stackWithUsage();
    const partnerKeys = new ApiKeys(stack, 'PartnerKeys', { label: 'partner', table: keys.table });
    make(stack, 'Own', keys, usage);
    make(stack, 'Partner', partnerKeys, usage);
    expect(usage.functionFor(keys)).toBe(usage.function);
    expect(usage.functionFor(partnerKeys)).toBe(usage.functionFor(partnerKeys));

    const resources = resourcesOf(Template.fromStack(stack));
    for (const [id, get, label] of [
      ['Own', usage.function, 'acme'],
      ['Partner', usage.functionFor(partnerKeys), 'partner'],
    ] as const) {
      const { Ref: name } = stack.resolve(get.functionName) as { Ref: string };
      const { Ref: alias } = stack.resolve(httpAlias(get).functionArn) as { Ref: string };
      const { Variables } = resources[name]?.Properties?.['Environment'] as { Variables: Record<string, string> };
      expect(JSON.parse(Variables['LATCHKEY_SETTINGS'] ?? '')).toMatchObject({ label });
      const called = Object.entries(resources).filter(
        ([logicalId, one]) =>
          one.Type === type && logicalId.startsWith(id) && JSON.stringify(one.Properties).includes(`"${alias}"`),
      );
      expect(called).toHaveLength(1);
    }
  });
});
