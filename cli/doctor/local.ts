import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { LOCAL_CREDENTIALS } from '../deployment/local.ts';
import type { Finding } from './check.ts';
import { checkTable } from './table.ts';

/** What `GET /local` of the local server returns. */
const infoSchema = z.object({ dynamodbEndpoint: z.url(), table: z.string(), cacheTtlSeconds: z.number() });

const TIMEOUT_MS = 5000;

/** Checks the table and the authorizer cache of a local server. */
export async function checkLocalServer(url: string): Promise<Finding[]> {
  const info = await localInfo(url);
  if (info === undefined) {
    const advice = 'restart it with the "npm start" of this version';
    return [{ check: 'Server', status: 'unknown', found: `${url} does not describe its table`, advice }];
  }
  const { dynamodbEndpoint, table, cacheTtlSeconds } = info;
  const dynamodb = new DynamoDBClient({ endpoint: dynamodbEndpoint, ...LOCAL_CREDENTIALS, maxAttempts: 1 });
  try {
    return [
      { check: 'Server', status: 'ok', found: `${url}, with DynamoDB at ${dynamodbEndpoint}` },
      ...(await checkTable(dynamodb, table, { protection: false })),
      { check: 'Caches', status: 'ok', found: `sample API: ${String(cacheTtlSeconds)} s` },
    ];
  } finally {
    dynamodb.destroy();
  }
}

async function localInfo(url: string): Promise<z.output<typeof infoSchema> | undefined> {
  try {
    const response = await fetch(new URL('/local', url), { signal: AbortSignal.timeout(TIMEOUT_MS) });
    return infoSchema.safeParse(await response.json()).data;
  } catch {
    return undefined;
  }
}
