import { join, resolve } from 'node:path';
import { CloudFormationClient, paginateListStackResources } from '@aws-sdk/client-cloudformation';
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { CRASH_FILTER_PATTERN } from '../../../cdk/monitoring.ts';
import { sendSigned } from '../acceptance/http.ts';
import { output, outputsOf, placeOfStack, type Outputs } from '../acceptance/stack.ts';
import { acceptance } from '../acceptance/suite.ts';
import { cdk } from './cdk.ts';
import { cfnLint } from './cfn-lint.ts';
import { leaveOutMissing } from './left-out.ts';
import { emulatedAccount } from './ministack.ts';
import { restoration } from './restore.ts';

const STACK = 'Latchkey';
const account = emulatedAccount(inject('ministack'));
const cloudFormation = new CloudFormationClient(account.aws);
const dynamodb = new DynamoDBClient(account.aws);

/** The cloud assembly of the last deployment. */
const ASSEMBLY = resolve('cdk.out/deploy-test');

/** The cloud assembly with monitoring. */
const MONITORED = resolve('cdk.out/deploy-test-monitored');
/** The rules, queries, and metric-math alarms of monitoring that MiniStack doesn't have: docs/testing.md. */
const LEFT_OUT = 17;
const template = (assembly: string) => join(assembly, `${STACK}.template.json`);

const deploy = () => cdk(account, ['deploy', STACK, '--require-approval', 'never', '--output', ASSEMBLY]);

/** Calls an AWS API without an SDK client, because nothing else in this project needs these clients. */
async function ask(service: 'monitoring' | 'logs', operation: string, input: object = {}): Promise<unknown> {
  const target = { monitoring: 'GraniteServiceVersion20100801', logs: 'Logs_20140328' }[service];
  const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `${target}.${operation}` };
  const request = { method: 'POST', path: '/', headers, body: JSON.stringify(input) };
  const { status, body } = await sendSigned({ url: account.aws.endpoint }, request, { ...account.aws, service });
  expect(status, operation).toBe(200);
  return body;
}

interface Deployed {
  readonly type: string;
  readonly physicalId: string;
}

/** Returns the stack's current resources by logical ID. */
async function resources(): Promise<Map<string, Deployed>> {
  const found = new Map<string, Deployed>();
  for await (const page of paginateListStackResources({ client: cloudFormation }, { StackName: STACK })) {
    for (const { LogicalResourceId = '', ResourceType = '', PhysicalResourceId = '' } of page.StackResourceSummaries ??
      [])
      found.set(LogicalResourceId, { type: ResourceType, physicalId: PhysicalResourceId });
  }
  return found;
}

describe('the stack that users deploy, in an emulated AWS account', () => {
  let outputs: Outputs;

  beforeAll(async () => {
    const started = performance.now();
    await deploy();
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(`cdk deploy ${STACK}: ${String((await resources()).size)} resources, ${seconds} s`);
    outputs = await outputsOf(STACK, account.aws);
  });
  afterAll(() => {
    cloudFormation.destroy();
    dynamodb.destroy();
  });

  it('the stack has a template that cfn-lint passes', async () => {
    await cfnLint([template(ASSEMBLY)]);
  });

  describe('acceptance', () => {
    acceptance(() => placeOfStack(outputs, account));
  });

  describe('a table restored to a point in time', () => {
    restoration(() => ({
      place: placeOfStack(outputs, account),
      tableName: output(outputs, 'TableName'),
      account,
    }));
  });

  describe('a deployed stack', () => {
    it('a deployed stack is unchanged by a second deployment', async () => {
      const before = await resources();
      expect(await deploy()).toContain(`${STACK} (no changes)`);
      expect(await resources()).toEqual(before);
    });

    it('a deployed stack can get monitoring, which refers to the deployed resources', async () => {
      await cdk(account, ['synth', STACK, '-c', 'monitoring=true', '--quiet', '--output', MONITORED]);
      await cfnLint([template(MONITORED)]);
      const leftOut = await leaveOutMissing(template(MONITORED));
      await cdk(account, ['deploy', STACK, '--require-approval', 'never', '--app', MONITORED]);
      expect(leftOut).toHaveLength(LEFT_OUT);

      const all = [...(await resources())];
      const ids = (type: string, idStart = '') =>
        all.flatMap(([id, one]) => (one.type === type && id.startsWith(idStart) ? one.physicalId : []));
      const [DashboardName] = ids('AWS::CloudWatch::Dashboard');
      const { DashboardBody } = (await ask('monitoring', 'GetDashboard', { DashboardName })) as {
        DashboardBody: string;
      };
      const { widgets } = JSON.parse(DashboardBody) as { widgets: { properties: { title?: string } }[] };
      expect(widgets.map(({ properties }) => properties.title)).toEqual(
        expect.arrayContaining(['Allowed and denied', 'Throttled requests, by key', 'Latest failures']),
      );
      const [authorizerLog = ''] = ids('AWS::Logs::LogGroup', 'KeysAuthorizerLog');
      expect(DashboardBody).toContain(authorizerLog);

      const { MetricAlarms } = (await ask('monitoring', 'DescribeAlarms')) as { MetricAlarms: object[] };
      const queueNames = ids('AWS::SQS::Queue').map((url) => url.split('/').at(-1));
      expect(queueNames).toHaveLength(2);
      expect(MetricAlarms).toHaveLength(3);
      expect(MetricAlarms).toContainEqual(expect.objectContaining({ MetricName: 'UnreadableAccessLogLines' }));
      for (const Value of queueNames)
        expect(MetricAlarms).toContainEqual(
          expect.objectContaining({
            MetricName: 'ApproximateNumberOfMessagesVisible',
            Dimensions: [{ Name: 'QueueName', Value }],
          }),
        );
      expect(await ask('logs', 'DescribeMetricFilters', { logGroupName: authorizerLog })).toMatchObject({
        metricFilters: [{ filterPattern: CRASH_FILTER_PATTERN }],
      });
    });

    it('keeps the table and its keys after cdk destroy, and nothing else', async () => {
      const table = output(outputs, 'TableName');
      const { Table: before } = await dynamodb.send(new DescribeTableCommand({ TableName: table }));
      expect(before?.ItemCount).toBeGreaterThan(0);

      await cdk(account, ['destroy', STACK, '--force', '--app', MONITORED]);

      await expect(outputsOf(STACK, account.aws)).rejects.toThrow('does not exist');
      expect(await ask('monitoring', 'DescribeAlarms')).toMatchObject({ MetricAlarms: [] });
      const { Table: after } = await dynamodb.send(new DescribeTableCommand({ TableName: table }));
      // MiniStack has no deletion protection for this type. A test of the template covers it.
      expect(after).toMatchObject({ TableStatus: 'ACTIVE', ItemCount: before?.ItemCount });
    });
  });
});
