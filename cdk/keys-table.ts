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

/** Properties of {@link KeysTable}. */
export interface KeysTableProps {
  /**
   * How the table is encrypted at rest. With a customer managed key the stack must set its Region (`env`), because CDK adds
   * the key to the replica of that Region.
   *
   * @default TableEncryptionV2.awsManagedKey()
   */
  readonly encryption?: TableEncryptionV2;
  /**
   * The billing mode.
   *
   * @default Billing.onDemand()
   */
  readonly billing?: Billing;
  /**
   * Whether point-in-time recovery is on, which can restore the table to any second of the last 35 days.
   *
   * @default true
   */
  readonly pointInTimeRecovery?: boolean;
  /**
   * Whether deletion protection is on.
   *
   * @default true
   */
  readonly deletionProtection?: boolean;
  /**
   * Other Regions that have a replica of the table. The stack must set its own Region (`env`), and the table gets a physical
   * name if a stack in another Region refers to it. docs/multi-region.md says what to read and write where.
   *
   * @default []
   */
  readonly replicas?: readonly string[];
  /**
   * What happens to the table when the stack is deleted. Without the table all keys stop working permanently.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * The table that stores the keys.
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
      // A stream costs nothing until UsagePlans or KeyEvents reads it.
      dynamoStream: StreamViewType.NEW_AND_OLD_IMAGES,
      billing: props.billing ?? Billing.onDemand(),
      encryption: props.encryption ?? TableEncryptionV2.awsManagedKey(),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: props.pointInTimeRecovery ?? true },
      deletionProtection: props.deletionProtection ?? true,
      removalPolicy: props.removalPolicy ?? RemovalPolicy.RETAIN,
    });
  }
}
