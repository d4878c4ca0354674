import { Duration, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { ApiKeys } from '../../../cdk/api-keys.ts';
import { KeyEvents } from '../../../cdk/key-events.ts';
import { KeysTable } from '../../../cdk/keys-table.ts';
import { UsagePlans } from '../../../cdk/usage-plans.ts';
import { permissionsOf } from './permissions.ts';
import { only, testApp } from '../../support/cdk/synth.ts';

/** The example of docs/multi-region.md. */
function twoRegions() {
  const app = testApp();
  const account = '123456789012';
  const ireland = new Stack(app, 'Ireland', { env: { account, region: 'eu-west-1' } });
  const table = new KeysTable(ireland, 'Table', { replicas: ['us-east-1'] });
  new ApiKeys(ireland, 'Keys', { table });

  const virginia = new Stack(app, 'Virginia', { env: { account, region: 'us-east-1' } });
  virginia.addStackDependency(ireland);
  new ApiKeys(virginia, 'Keys', { table: table.replica('us-east-1'), readOnly: true });
  return { ireland: Template.fromStack(ireland), virginia: Template.fromStack(virginia) };
}

describe('a table with replicas', () => {
  const { ireland, virginia } = twoRegions();
  const { TableName, Replicas } = only(ireland, 'AWS::DynamoDB::GlobalTable') as {
    TableName: string;
    Replicas: { Region: string }[];
  };

  it('a table with replicas is protected in each Region', () => {
    expect(Replicas.map(({ Region }) => Region).toSorted()).toEqual(['eu-west-1', 'us-east-1']);
    for (const replica of Replicas) {
      expect(replica).toMatchObject({
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      });
    }
  });

  it('a table with replicas is read by each stack in its own Region, without a reference between the stacks', () => {
    virginia.resourceCountIs('AWS::DynamoDB::GlobalTable', 0);
    expect(only(virginia, 'AWS::Lambda::Function', 'KeysAuthorizer')).toMatchObject({
      Environment: { Variables: { LATCHKEY_TABLE: TableName } },
    });
    const table = `arn:aws:dynamodb:us-east-1:123456789012:table/${TableName}`;
    expect(permissionsOf(virginia)['KeysAuthorizerRole']).toContainEqual({
      actions: ['dynamodb:GetItem'],
      resources: [table],
    });
  });

  it('a table with replicas is written in one Region only', () => {
    const writes = (template: Template) =>
      Object.values(permissionsOf(template)).flatMap((all) =>
        all.flatMap(({ actions }) => actions.filter((action) => /^dynamodb:(?!Get|BatchGet|Query)/.test(action))),
      );
    expect(writes(ireland)).not.toEqual([]);
    expect(writes(virginia)).toEqual([]);
  });
});

describe('KeyEvents and UsagePlans on the stream of one table', () => {
  function warnings(...replicas: string[]) {
    const stack = new Stack(testApp(), 'Stack', { env: { account: '123456789012', region: 'eu-west-1' } });
    const table = new KeysTable(stack, 'Table');
    const keys = new ApiKeys(stack, 'Keys', { table, plans: { free: { rate: '1/s' } }, usagePlans: true });
    new KeyEvents(stack, 'Events', { keys });
    new UsagePlans(stack, 'UsagePlans', { keys, stages: [] });
    for (const region of replicas) table.addReplica({ region });
    return Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('AWS recommends one reader per shard'));
  }

  it('KeyEvents and UsagePlans on the stream of one table are warned about at synthesis if the table has replicas', () => {
    expect(warnings('us-east-1')).toHaveLength(1);
  });

  it('KeyEvents and UsagePlans on the stream of one table are not warned about if the table has no replicas', () => {
    expect(warnings()).toEqual([]);
  });
});

describe('readOnly', () => {
  it('does not write lastUsedAt, and rejects lastUsedInterval', () => {
    const stack = new Stack(testApp(), 'Stack');
    new ApiKeys(stack, 'Keys', { readOnly: true });
    const { Environment } = only(Template.fromStack(stack), 'AWS::Lambda::Function', 'KeysAuthorizer') as {
      Environment: { Variables: { LATCHKEY_SETTINGS: string } };
    };
    expect(JSON.parse(Environment.Variables.LATCHKEY_SETTINGS)).toMatchObject({ lastUsedIntervalSeconds: 0 });
    expect(() => new ApiKeys(stack, 'Other', { readOnly: true, lastUsedInterval: Duration.hours(1) })).toThrow(
      /lastUsedInterval/,
    );
  });
});
