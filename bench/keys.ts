import { randomBytes } from 'node:crypto';
import { DynamoDBClient, UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import { BatchWriteCommand, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { digestOf } from '../src/core/keys/digest.ts';
import { newKey } from '../src/core/keys/key.ts';
import { toItem } from '../src/storage/item.ts';
import type { StoredKey } from '../src/storage/key-store.ts';
import { CREDENTIALS, REGION } from '../local/account.ts';
import { createTable } from '../local/create-table.ts';

export const LABEL = 'lk';
const SAMPLES = 200;
/** The limit of DynamoDB. */
const BATCH = 25;
const IN_FLIGHT = 8;

export interface FilledTable {
  readonly tableName: string;
  readonly size: number;
  /** Some of its keys, as a client sends them. */
  readonly samples: readonly string[];
  readonly revoked: string;
  /** Well-formed keys without a record. */
  readonly unknown: string;
}

/** Creates a table with this number of keys of 100 owners. */
export async function fillTable(endpoint: string, size: number): Promise<FilledTable> {
  const tableName = `keys-${String(size)}`;
  const client = new DynamoDBClient({ endpoint, region: REGION, credentials: CREDENTIALS });
  await createTable(client, tableName);
  // No stream: it makes writes in DynamoDB Local slower, and the benchmark doesn't need it.
  await client.send(new UpdateTableCommand({ TableName: tableName, StreamSpecification: { StreamEnabled: false } }));
  const documents = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
  const samples: string[] = [];
  const every = Math.max(1, Math.floor(size / SAMPLES));
  let made = 0;

  const writer = async () => {
    while (made < size) {
      const requests = Array.from({ length: Math.min(BATCH, size - made) }, () => {
        const { text, record } = issue(made++);
        if (made % every === 0) samples.push(text);
        return { PutRequest: { Item: toItem(record, 0) } };
      });
      let rest: Record<string, object[]> | undefined = { [tableName]: requests };
      while (rest !== undefined && Object.keys(rest).length > 0)
        rest = (await documents.send(new BatchWriteCommand({ RequestItems: rest }))).UnprocessedItems;
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, writer));
  const revoked = issue(size, { revokedAt: Date.now() });
  const RequestItems = { [tableName]: [{ PutRequest: { Item: toItem(revoked.record, 0) } }] };
  await documents.send(new BatchWriteCommand({ RequestItems }));
  client.destroy();
  return { tableName, size, samples, revoked: revoked.text, unknown: issue(size).text };
}

/** Used just now, so that the measured decisions don't write `lastUsedAt`. */
function issue(index: number, fields: Partial<StoredKey> = {}): { text: string; record: StoredKey } {
  const { text, prefix } = newKey({ label: LABEL, randomBytes });
  const now = Date.now();
  const record: StoredKey = {
    prefix,
    label: LABEL,
    digest: digestOf(text),
    name: `Key ${String(index)}`,
    ownerId: `owner-${String(index % 100)}`,
    scopes: ['GET /orders/*', 'POST /orders'],
    metadata: { plan: 'pro', seats: 5 },
    createdAt: now + index,
    lastUsedAt: now,
    version: 1,
    ...fields,
  };
  return { text, record };
}
