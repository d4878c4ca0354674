import { PhysicalName, RemovalPolicy } from 'aws-cdk-lib';
import {
  AttributeType,
  Billing,
  ProjectionType,
  StreamViewType,
  TableEncryptionV2,
  TableV2,
} from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { INDEXES, KEY_ATTRIBUTE, TTL_ATTRIBUTE } from '../src/storage/table.ts';

export interface KeysTableProps {
  /**
   * With a customer's KMS key the stack must know its Region (`env`): CDK writes the key into the Region's replica.
   *
   * @default TableEncryptionV2.awsManagedKey()
   */
  readonly encryption?: TableEncryptionV2;
  /** @default Billing.onDemand() */
  readonly billing?: Billing;
  /**
   * Whether the table can be restored as it was at any second of the last 35 days.
   *
   * @default true
   */
  readonly pointInTimeRecovery?: boolean;
  /**
   * Whether DynamoDB refuses to delete the table.
   *
   * @default true
   */
  readonly deletionProtection?: boolean;
  /**
   * Further Regions that hold a copy of the table. The stack must know its own Region (`env`), and the table gets a
   * name if another Region's stack refers to it. See docs/multi-region.md for what to read and write where.
   *
   * @default none
   */
  readonly replicas?: readonly string[];
  /**
   * What becomes of the table when the stack is deleted. Without it every key stops working, for good.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * The table that holds the keys.
 *
 * @example
 * new ApiKeys(this, 'Keys', { table: new KeysTable(this, 'Table', { removalPolicy: RemovalPolicy.DESTROY }) });
 */
export class KeysTable extends TableV2 {
  constructor(scope: Construct, id: string, props: KeysTableProps = {}) {
    const { replicas = [] } = props;
    super(scope, id, {
      ...(replicas.length === 0 ? {} : { tableName: PhysicalName.GENERATE_IF_NEEDED }),
      replicas: replicas.map((region) => ({ region })),
      partitionKey: { name: KEY_ATTRIBUTE, type: AttributeType.STRING },
      timeToLiveAttribute: TTL_ATTRIBUTE,
      globalSecondaryIndexes: INDEXES.map(({ name, partitionKey, sortKey, projection }) => ({
        indexName: name,
        partitionKey: { name: partitionKey, type: AttributeType.STRING },
        sortKey: { name: sortKey.name, type: sortKey.type === 'N' ? AttributeType.NUMBER : AttributeType.STRING },
        projectionType: ProjectionType.INCLUDE,
        nonKeyAttributes: [...projection],
      })),
      // Costs nothing until somebody reads it, as UsagePlans and KeyEvents do.
      dynamoStream: StreamViewType.NEW_AND_OLD_IMAGES,
      billing: props.billing ?? Billing.onDemand(),
      encryption: props.encryption ?? TableEncryptionV2.awsManagedKey(),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: props.pointInTimeRecovery ?? true },
      deletionProtection: props.deletionProtection ?? true,
      removalPolicy: props.removalPolicy ?? RemovalPolicy.RETAIN,
    });
  }
}
