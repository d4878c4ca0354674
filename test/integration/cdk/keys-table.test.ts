import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Billing, TableEncryptionV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Key } from 'aws-cdk-lib/aws-kms';
import { describe, expect, it } from 'vitest';
import { KeysTable, type KeysTableProps } from '../../../cdk/keys-table.ts';
import { idOf, resourcesOf, testApp } from '../../support/cdk/synth.ts';

function table(props: (stack: Stack) => KeysTableProps = () => ({})) {
  // A customer managed key requires a stack with a Region: CDK adds the key to the table's replica.
  const stack = new Stack(testApp(), 'Stack', { env: { region: 'eu-central-1' } });
  new KeysTable(stack, 'Table', props(stack));
  const found = Object.values(resourcesOf(Template.fromStack(stack))).find(
    ({ Type }) => Type === 'AWS::DynamoDB::GlobalTable',
  );
  if (found === undefined) throw new Error('no table');
  return found;
}

const index = (name: string, partition: string, sort: string, projection: string[]) => ({
  IndexName: name,
  KeySchema: [
    { AttributeName: partition, KeyType: 'HASH' },
    { AttributeName: sort, KeyType: 'RANGE' },
  ],
  Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: projection },
});

describe('KeysTable', () => {
  it('KeysTable has the schema of the store, and is protected by default', () => {
    expect(table()).toMatchObject({
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [{ AttributeName: 'prefix', KeyType: 'HASH' }],
        TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
        GlobalSecondaryIndexes: [
          index('byCreation', 'label', 'createdAt', ['nameKey', 'expiresAt', 'revokedAt']),
          index('byOwner', 'ownerKey', 'createdAt', ['nameKey', 'expiresAt', 'revokedAt']),
          index('byName', 'label', 'nameKey', ['expiresAt', 'revokedAt']),
          index('byExpiry', 'label', 'expiresAt', ['revokedAt']),
        ],
        SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
        Replicas: [
          {
            DeletionProtectionEnabled: true,
            PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
          },
        ],
      },
    });
  });

  it('declares each key attribute with its type', () => {
    expect(table().Properties?.['AttributeDefinitions']).toEqual([
      { AttributeName: 'prefix', AttributeType: 'S' },
      { AttributeName: 'label', AttributeType: 'S' },
      { AttributeName: 'createdAt', AttributeType: 'N' },
      { AttributeName: 'ownerKey', AttributeType: 'S' },
      { AttributeName: 'nameKey', AttributeType: 'S' },
      { AttributeName: 'expiresAt', AttributeType: 'N' },
    ]);
  });

  it('KeysTable has the settings of its props', () => {
    const other = table((stack) => ({
      deletionProtection: false,
      pointInTimeRecovery: false,
      removalPolicy: RemovalPolicy.DESTROY,
      billing: Billing.onDemand({ maxReadRequestUnits: 100 }),
      encryption: TableEncryptionV2.customerManagedKey(new Key(stack, 'Key')),
    }));
    expect(other).toMatchObject({
      DeletionPolicy: 'Delete',
      Properties: {
        Replicas: [
          {
            DeletionProtectionEnabled: false,
            PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: false },
            ReadOnDemandThroughputSettings: { MaxReadRequestUnits: 100 },
            SSESpecification: { KMSMasterKeyId: { 'Fn::GetAtt': [idOf('Key'), 'Arn'] } },
          },
        ],
      },
    });
  });
});
