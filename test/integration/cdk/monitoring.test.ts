import { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Construct } from 'constructs';
import { describe, expect, it } from 'vitest';
import { ApiKeys } from '../../../cdk/api-keys.ts';
import { LatchkeyStack } from '../../../cdk/latchkey-stack.ts';
import { Monitoring } from '../../../cdk/monitoring.ts';
import { Usage } from '../../../cdk/usage.ts';
import { emfReporter } from '../../../src/authorizer/report.ts';
import { REST_ACCESS_LOG } from '../../../src/gateway/access-log.ts';
import { DENIAL_REASONS } from '../../../src/core/decision/denial-reasons.ts';
import { idOf, only, resourcesOf, testApp } from '../../support/cdk/synth.ts';

const template = Template.fromStack(new LatchkeyStack(testApp(), 'Latchkey', { monitoring: true }));
const LOG_GROUP = { Ref: Match.stringLikeRegexp('^KeysAuthorizerLog') };
/** A value of the template as JSON. */
const text = (value: unknown) => JSON.stringify(value);

describe('monitoring', () => {
  it('creates a dashboard, alarms, rules and saved queries only when monitoring is on', () => {
    const counts = {
      'AWS::CloudWatch::Dashboard': 1,
      // The one on unreadable access log lines belongs to Usage.
      'AWS::CloudWatch::Alarm': 11,
      'AWS::CloudWatch::InsightRule': 4,
      'AWS::Logs::QueryDefinition': 5,
    };
    for (const [type, count] of Object.entries(counts)) template.resourceCountIs(type, count);
    const without = Template.fromStack(new LatchkeyStack(testApp(), 'Latchkey'));
    for (const type of Object.keys(counts)) without.resourceCountIs(type, type === 'AWS::CloudWatch::Alarm' ? 1 : 0);
    const all = Object.entries(Object.groupBy(Object.values(resourcesOf(template)), ({ Type }) => Type));
    console.log(Object.fromEntries(all.map(([type, found]) => [type, found?.length]).sort()));
  });

  it('reads the metrics of the authorizer under the names and dimensions that the authorizer writes', () => {
    const lines: string[] = [];
    emfReporter(
      (line) => lines.push(line),
      () => 0,
      'the-authorizer',
    )({ label: 'lk', result: 'mismatch', durationMs: 1 });
    const { CloudWatchMetrics } = (
      JSON.parse(lines[0] ?? '') as {
        _aws: { CloudWatchMetrics: { Namespace: string; Dimensions: string[][]; Metrics: { Name: string }[] }[] };
      }
    )._aws;
    const body = text(only(template, 'AWS::CloudWatch::Dashboard')['DashboardBody']).replaceAll('\\', '');
    for (const { Namespace, Dimensions, Metrics } of CloudWatchMetrics)
      for (const [first = ''] of Dimensions)
        expect(body).toContain(
          `["${Namespace}","${Metrics[0]?.Name ?? ''}","${first}","",{"Ref":"KeysAuthorizerFunction`,
        );
  });

  it('shows decisions, denials by reason, latency, failures and top keys on the dashboard', () => {
    const body = text(only(template, 'AWS::CloudWatch::Dashboard')['DashboardBody']);
    for (const title of [
      'Allowed and denied',
      'Denied, by reason',
      'Latency, ms',
      'Failures and throttles',
      'Top keys, by decision',
      'Wrong secrets, by prefix',
      'Top keys, by request',
      'Throttled requests, by key',
      'Requests with a key',
      'Needs attention',
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
    // The fields of the access log.
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
    expect(() => Template.fromStack(monitored().stack)).toThrow('usage has no access log');
    const { stack, usage } = monitored();
    usage.restAccessLog();
    usage.httpAccessLog();
    const bodies = text(Template.fromStack(stack).findResources('AWS::CloudWatch::InsightRule'));
    expect(bodies).toMatch(/UsageRestAccessLog.*UsageHttpAccessLog/);
  });

  it('does not count rejected requests as failures: Lambda counts every 401 as an error', () => {
    const errors = Object.entries(template.findResources('AWS::CloudWatch::Alarm')).filter(([, one]) =>
      text(one).includes('"MetricName":"Errors"'),
    );
    expect(errors.map(([id]) => id)).toEqual([idOf('MonitoringAnnouncer')]);
    template.hasResourceProperties('AWS::Logs::MetricFilter', { LogGroupName: LOG_GROUP });
  });

  it('creates separate rules, metrics and queries for two Monitoring constructs in one stack', () => {
    const stack = new Stack(testApp(), 'Consumer');
    for (const id of ['One', 'Other']) {
      const part = new Construct(stack, id);
      new Monitoring(part, 'Monitoring', { keys: new ApiKeys(part, 'Keys') });
    }
    const keys = new ApiKeys(stack, 'Keys');
    new Monitoring(stack, 'First', { keys });
    new Monitoring(stack, 'Second', { keys });
    const made = resourcesOf(Template.fromStack(stack));
    const names = (type: string, property: string) =>
      Object.values(made).flatMap(({ Type, Properties }) => (Type === type ? [text(Properties?.[property])] : []));
    for (const [type, property, each] of [
      ['AWS::CloudWatch::InsightRule', 'RuleName', 2],
      ['AWS::Logs::QueryDefinition', 'Name', 5],
      ['AWS::Logs::MetricFilter', 'MetricTransformations', 1],
    ] as const)
      expect(new Set(names(type, property)).size).toBe(4 * each);
    for (const name of names('AWS::CloudWatch::InsightRule', 'RuleName'))
      expect(name.length - 2).toBeLessThanOrEqual(128);
  });

  it('sums metrics that have no data most of the time', () => {
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
