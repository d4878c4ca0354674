import type { ITable, ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { KeyRecord } from '../src/core/keys/record.ts';
import type { OperationAccess } from '../src/management/operations.ts';
import { KEY_ATTRIBUTE } from '../src/storage/table.ts';

/** The access of a function to the table. */
export interface TableAccess extends OperationAccess {
  /**
   * Restricts `read` and `write` to items whose partition key matches this pattern, where `*` matches any string.
   *
   * @default any item
   */
  readonly onlyUnder?: string;
  /**
   * Allows reading and writing the item with this partition key only.
   *
   * @default no such item
   */
  readonly ownItem?: string;
  /**
   * Allows writing the attribute `lastUsedAt` only.
   *
   * @default false
   */
  readonly noteUse?: boolean;
  /**
   * Allows writing the attribute `digest` only.
   *
   * @default false
   */
  readonly upgradeDigests?: boolean;
}

/** `ForAllValues` is also true for a request without keys. */
const NAMES_KEYS = { Null: { 'dynamodb:LeadingKeys': 'false' } };

/**
 * Returns the statements that allow this access to one table. If the table is encrypted with a customer managed key, they
 * allow DynamoDB to use that key.
 */
export function statementsFor(table: ITable | ITableV2, access: TableAccess): PolicyStatement[] {
  const { read = [], write = [], onlyUnder, queryIndexes = [], ownItem } = access;
  const { noteUse = false, upgradeDigests = false } = access;
  const statements: PolicyStatement[] = [];

  const plain = [...read, ...write].map((action) => `dynamodb:${action}`);
  if (plain.length > 0) {
    const under = { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [onlyUnder] } };
    const conditions = onlyUnder === undefined ? {} : { ...under, ...NAMES_KEYS };
    statements.push(new PolicyStatement({ actions: plain, resources: [table.tableArn], conditions }));
  }
  if (queryIndexes.length > 0) {
    const indexes = queryIndexes.map(({ name }) => `${table.tableArn}/index/${name}`);
    statements.push(new PolicyStatement({ actions: ['dynamodb:Query'], resources: indexes }));
  }
  if (ownItem !== undefined) {
    const conditions = { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [ownItem] }, ...NAMES_KEYS };
    const actions = ['dynamodb:GetItem', 'dynamodb:UpdateItem'];
    statements.push(new PolicyStatement({ actions, resources: [table.tableArn], conditions }));
  }
  // Such a write names the key attribute and the one attribute that it sets.
  const written: (keyof KeyRecord)[] = [
    ...(noteUse ? ['lastUsedAt' as const] : []),
    ...(upgradeDigests ? ['digest' as const] : []),
  ];
  if (written.length > 0) {
    const conditions = {
      'ForAllValues:StringEquals': { 'dynamodb:Attributes': [KEY_ATTRIBUTE, ...written] },
      // ForAllValues is also true for a request without attributes.
      Null: { 'dynamodb:Attributes': 'false' },
    };
    statements.push(new PolicyStatement({ actions: ['dynamodb:UpdateItem'], resources: [table.tableArn], conditions }));
  }
  if (table.encryptionKey !== undefined) {
    const writes = write.length + written.length > 0 || ownItem !== undefined;
    statements.push(throughTable(table, table.encryptionKey, writes ? [...KMS_READ, ...KMS_WRITE] : KMS_READ));
  }
  return statements;
}

/** Returns the statements that allow reading the stream of one table, encrypted or not. */
export function statementsForStream(table: ITable | ITableV2, streamArn: string): PolicyStatement[] {
  const actions = ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'];
  return [
    new PolicyStatement({ actions, resources: [streamArn] }),
    ...(table.encryptionKey === undefined ? [] : [throughTable(table, table.encryptionKey, KMS_READ)]),
  ];
}

/** Returns a statement that allows the use of a KMS key through DynamoDB only. */
function throughTable(table: ITable | ITableV2, { keyArn }: IKey, actions: string[]): PolicyStatement {
  const conditions = { StringEquals: { 'kms:ViaService': `dynamodb.${table.env.region}.amazonaws.com` } };
  return new PolicyStatement({ actions, resources: [keyArn], conditions });
}

/**
 * AWS's example uses the wildcards `ReEncrypt*` and `GenerateDataKey*`, which these names replace.
 *
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
 */
const KMS_READ = ['kms:Decrypt', 'kms:DescribeKey'];
const KMS_WRITE = [
  'kms:Encrypt',
  'kms:GenerateDataKey',
  'kms:GenerateDataKeyWithoutPlaintext',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
];
