import { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { ApiKeys } from '../../cdk/api-keys.ts';
import { LatchkeyStack } from '../../cdk/latchkey-stack.ts';
import { Monitoring } from '../../cdk/monitoring.ts';
import { UsagePlans } from '../../cdk/usage-plans.ts';
import { Usage } from '../../cdk/usage.ts';
import { emfReporter } from '../../functions/authorize/report.ts';
import { REST_ACCESS_LOG } from '../../functions/domain/access-log.ts';
import { DENIAL_REASONS } from '../../functions/domain/decision.ts';
import { idOf, only, resourcesOf, testApp } from './synth.ts';

const template = Template.fromStack(new LatchkeyStack(testApp(), 'Latchkey', { monitoring: true }));
const LOG_GROUP = { Ref: Match.stringLikeRegexp('^KeysAuthorizerLog') };
/** A value of the template with what is known only on deployment left out. */
const text = (value: unknown) => JSON.stringify(value);

describe('monitoring', () => {
  it('is there when asked for: a dashboard, alarms, rules and saved queries', () => {
    const counts = {
      'AWS::CloudWatch::Dashboard': 1,
      'AWS::CloudWatch::Alarm': 5,
      'AWS::CloudWatch::InsightRule': 4,
      'AWS::Logs::QueryDefinition': 5,
    };
    for (const [type, count] of Object.entries(counts)) template.resourceCountIs(type, count);
    const without = Template.fromStack(new LatchkeyStack(testApp(), 'Latchkey'));
    for (const type of Object.keys(counts)) without.resourceCountIs(type, 0);
    const all = Object.entries(Object.groupBy(Object.values(resourcesOf(template)), ({ Type }) => Type));
    console.log(Object.fromEntries(all.map(([type, found]) => [type, found?.length]).sort()));
  });

  it('asks for the metrics that the authorizer writes, by the names that it writes them with', () => {
    const lines: string[] = [];
    emfReporter(
      (line) => lines.push(line),
      () => 0,
    )({ label: 'lk', result: 'mismatch', durationMs: 1 });
    const { CloudWatchMetrics } = (
      JSON.parse(lines[0] ?? '') as {
        _aws: { CloudWatchMetrics: { Namespace: string; Dimensions: string[][]; Metrics: { Name: string }[] }[] };
      }
    )._aws;
    const body = text(only(template, 'AWS::CloudWatch::Dashboard')['DashboardBody']).replaceAll('\\', '');
    for (const { Namespace, Dimensions, Metrics } of CloudWatchMetrics)
      for (const [first = ''] of Dimensions)
        expect(body).toContain(`["${Namespace}","${Metrics[0]?.Name ?? ''}","${first}","lk"`);
  });

  it('names the figures: let in and refused by reason, latency, failures, top keys', () => {
    const body = text(only(template, 'AWS::CloudWatch::Dashboard')['DashboardBody']);
    for (const title of [
      'Let in and refused',
      'Refused, by reason',
      'Latency, ms',
      'Failures and throttles',
      'Top keys, by decision',
      'Wrong secrets, by prefix',
      'Top keys, by request',
      'Throttled requests, by key',
      'Requests with a key',
      'Waiting for somebody to see to it',
    ])
      expect(body).toContain(title);
    for (const reason of DENIAL_REASONS) expect(body).toContain(`\\"result\\",\\"${reason}\\"`);
  });

  it('rules read the log of the authorizer, or the access log, by key', () => {
    const rules = Object.values(template.findResources('AWS::CloudWatch::InsightRule')).map(({ Properties }) =>
      text((Properties as { RuleBody: unknown }).RuleBody).replaceAll('\\', ''),
    );
    const [ofDecisions, ofRequests] = [/KeysAuthorizerLog/, /UsageRestAccessLog/].map((log) =>
      rules.filter((rule) => log.test(rule)),
    );
    expect([ofDecisions?.length, ofRequests?.length]).toEqual([2, 2]);
    for (const rule of rules) expect(rule).toContain('"Keys":["$.keyId"]');
    expect(ofDecisions?.join()).toContain('mismatch');
    for (const rule of ofRequests ?? []) expect(rule).toContain('{"Match":"$.keyId","NotIn":["-"]}');
    expect(ofRequests?.filter((rule) => rule.includes('{"Match":"$.status","In":["429"]}'))).toHaveLength(1);
    // The fields of the access log, as texts.
    expect(REST_ACCESS_LOG).toMatchObject({ keyId: '$context.authorizer.keyId', status: '$context.status' });
  });

  it('rules read the access logs of stages that come later, and there must be one', () => {
    const monitored = () => {
      const stack = new Stack(testApp(), 'Consumer');
      const keys = new ApiKeys(stack, 'Keys');
      const usage = new Usage(stack, 'Usage', { keys });
      new Monitoring(stack, 'Monitoring', { keys, usage });
      return { stack, usage };
    };
    expect(() => Template.fromStack(monitored().stack)).toThrow('the usage has no access log');
    const { stack, usage } = monitored();
    usage.restAccessLog();
    usage.httpAccessLog();
    const bodies = text(Template.fromStack(stack).findResources('AWS::CloudWatch::InsightRule'));
    expect(bodies).toMatch(/UsageRestAccessLog.*UsageHttpAccessLog/);
  });

  it('alarms when one prefix meets many wrong secrets, when the authorizer fails, when DynamoDB throttles', () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Threshold: 20,
      TreatMissingData: 'notBreaching',
      Metrics: [Match.objectLike({ Expression: { 'Fn::Join': ['', Match.arrayWith(["', 'MaxContributorValue')"])] } })],
    });
    const alarms = text(template.findResources('AWS::CloudWatch::Alarm'));
    for (const what of ['"Value":"error"', '"MetricName":"Crashes-lk"', 'ReadThrottleEvents', 'WriteThrottleEvents'])
      expect(alarms).toContain(what);
  });

  it('alarms when a queue has what somebody must see to', () => {
    for (const [name, queue] of Object.entries({ Uncounted: 'UsageUncounted', Unpublished: 'EventsUnpublished' }))
      expect(only(template, 'AWS::CloudWatch::Alarm', `Monitoring${name}`)).toMatchObject({
        Namespace: 'AWS/SQS',
        MetricName: 'ApproximateNumberOfMessagesVisible',
        Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [idOf(queue), 'QueueName'] } }],
        Statistic: 'Maximum',
        Threshold: 1,
        TreatMissingData: 'notBreaching',
      });
  });

  it('alarms when usage plans are not in step, where it is to watch them', () => {
    const stack = new Stack(testApp(), 'Consumer');
    const keys = new ApiKeys(stack, 'Keys', { plans: { free: { rate: '1/s' } }, usagePlans: true });
    new Monitoring(stack, 'Monitoring', {
      keys,
      usagePlans: new UsagePlans(stack, 'UsagePlans', { keys, stages: [] }),
    });
    expect(only(Template.fromStack(stack), 'AWS::CloudWatch::Alarm', 'MonitoringNotInStep')).toMatchObject({
      Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [idOf('UsagePlansNotInStep'), 'QueueName'] } }],
    });
  });

  it('does not take refused requests for failures: Lambda counts every 401 as an error', () => {
    expect(text(template.toJSON())).not.toContain('"MetricName":"Errors"');
    template.hasResourceProperties('AWS::Logs::MetricFilter', {
      LogGroupName: LOG_GROUP,
      FilterPattern: '?"Task timed out" ?"Runtime."',
    });
  });

  it('adds up metrics of which most say nothing most of the time', () => {
    const sums = text(template.toJSON()).match(/(?<=xpression\\*":\\*")[^"\\]* \+ [^"\\]*/g) ?? [];
    expect(sums.length).toBeGreaterThan(2);
    for (const sum of sums) expect(sum).toMatch(/^FILL\(\w+, 0\)( \+ FILL\(\w+, 0\))+$/);
  });

  it('saves queries on the log of the authorizer', () => {
    template.allResourcesProperties('AWS::Logs::QueryDefinition', { LogGroupNames: [LOG_GROUP] });
    template.hasResourceProperties('AWS::Logs::QueryDefinition', {
      Name: Match.stringLikeRegexp('Guessing'),
      QueryString: Match.stringLikeRegexp('filter result = "mismatch"'),
    });
  });
});
