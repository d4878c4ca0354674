import type { ITable, ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { KeyRecord } from '../src/core/keys/record.ts';
import type { OperationAccess } from '../src/management/operations.ts';
import { KEY_ATTRIBUTE } from '../src/storage/table.ts';

/** What a function may do with the table. */
export interface TableAccess extends OperationAccess {
  /** `read` and `write` only items with such a partition key, where `*` stands for any text. @default any item */
  readonly onlyUnder?: string;
  /** Read and write the item of this partition key, and no other. */
  readonly ownItem?: string;
  /** Write `lastUsedAt` and nothing else. */
  readonly noteUse?: boolean;
  /** Write `digest` and nothing else. */
  readonly upgradeDigests?: boolean;
}

/** `ForAllValues` also holds when a request names no keys at all. */
const NAMES_KEYS = { Null: { 'dynamodb:LeadingKeys': 'false' } };

/** The statements that allow this access to one table and, if it is encrypted with a customer's key, the use of that key through it. */
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
  // What such a write mentions: the key, and the one attribute that it sets.
  const written: (keyof KeyRecord)[] = [
    ...(noteUse ? ['lastUsedAt' as const] : []),
    ...(upgradeDigests ? ['digest' as const] : []),
  ];
  if (written.length > 0) {
    const conditions = {
      'ForAllValues:StringEquals': { 'dynamodb:Attributes': [KEY_ATTRIBUTE, ...written] },
      // ForAllValues also holds when a request names no attributes at all.
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

/** The statements that allow to read the stream of one table, encrypted or not. */
export function statementsForStream(table: ITable | ITableV2, streamArn: string): PolicyStatement[] {
  const actions = ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'];
  return [
    new PolicyStatement({ actions, resources: [streamArn] }),
    ...(table.encryptionKey === undefined ? [] : [throughTable(table, table.encryptionKey, KMS_READ)]),
  ];
}

/** The use of a key by DynamoDB alone, on the function's behalf. */
function throughTable(table: ITable | ITableV2, { keyArn }: IKey, actions: string[]): PolicyStatement {
  const conditions = { StringEquals: { 'kms:ViaService': `dynamodb.${table.env.region}.amazonaws.com` } };
  return new PolicyStatement({ actions, resources: [keyArn], conditions });
}

/** By name, where the documentation has `ReEncrypt*` and `GenerateDataKey*`: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html */
const KMS_READ = ['kms:Decrypt', 'kms:DescribeKey'];
const KMS_WRITE = [
  'kms:Encrypt',
  'kms:GenerateDataKey',
  'kms:GenerateDataKeyWithoutPlaintext',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
];
