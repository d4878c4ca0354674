import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import getPort from 'get-port';
import { expect, it, onTestFinished } from 'vitest';
import { digestOf } from '../../../src/core/keys/digest.ts';
import { newKey } from '../../../src/core/keys/key.ts';
import { DEFAULT_AUTHORIZER_SETTINGS } from '../../../src/gateway/settings.ts';
import { documentClient } from '../../../src/storage/client.ts';
import { DynamoKeyStore } from '../../../src/storage/dynamo.ts';
import { CREDENTIALS, REGION } from '../../../local/account.ts';
import { createTable } from '../../../local/create-table.ts';
import { startDynamoDbLocal } from '../../../local/dynamodb-local.ts';
import { restEvent } from '../../support/authorizer/events.ts';
import { builtFunction } from '../../support/bundles/built-function.ts';
import { aRecord, LABEL } from '../../support/storage/records.ts';

const TABLE = 'keys';
/** The number of concurrent calls: four environments, all busy. */
const CALLERS = 8;

it('the authorizer allows only the valid key before and after DynamoDB is killed and restarted under load', async () => {
  const port = await getPort();
  const connection = { endpoint: `http://127.0.0.1:${String(port)}`, region: REGION, credentials: CREDENTIALS };
  const keys = new DynamoKeyStore({ client: documentClient(connection), tableName: TABLE, retentionSeconds: 1000 });
  const [good, revoked] = [newKey({ label: LABEL, randomBytes }), newKey({ label: LABEL, randomBytes })];
  const forged = newKey({ label: LABEL, randomBytes, prefix: good.prefix });
  /** Its data is in memory, so it is lost when the process is killed. */
  const start = async () => {
    const dynamodb = await startDynamoDbLocal({ port });
    onTestFinished(() => dynamodb.stop());
    await createTable(new DynamoDBClient(connection), TABLE);
    await keys.create(aRecord({ prefix: good.prefix, digest: digestOf(good.text) }));
    await keys.create(aRecord({ prefix: revoked.prefix, digest: digestOf(revoked.text), revokedAt: 1 }));
    return dynamodb;
  };

  const lines: string[] = [];
  const authorizer = builtFunction({
    ...{ name: 'authorizer', tableName: TABLE, endpoint: connection.endpoint },
    settings: { ...DEFAULT_AUTHORIZER_SETTINGS, label: LABEL },
    log: (_function, line) => lines.push(line),
  });
  onTestFinished(() => authorizer.stop());
  const presented = { good, revoked, forged };
  const seen: Record<'before' | 'without' | 'after' | 'over', Map<string, number>> = {
    before: new Map(),
    without: new Map(),
    after: new Map(),
    over: new Map(),
  };
  let phase: keyof typeof seen = 'before';
  const caller = async () => {
    while (phase !== 'over') {
      for (const [name, { text }] of Object.entries(presented)) {
        const outcome = await authorizer.invoke(JSON.stringify(restEvent({ headers: { 'x-api-key': text } })));
        const word = !outcome.ok ? outcome.error.errorType : outcome.payload.includes('"Allow"') ? 'in' : 'out';
        const counts = seen[phase];
        counts.set(`${name}: ${word}`, (counts.get(`${name}: ${word}`) ?? 0) + 1);
      }
      await delay(5);
    }
  };
  const until = (what: keyof typeof seen, words: string) =>
    expect.poll(() => seen[what].get(words) ?? 0, { timeout: 60_000 }).toBeGreaterThan(3);

  const first = await start();
  const load = Promise.all(Array.from({ length: CALLERS }, caller));
  await until('before', 'good: in');
  await first.stop();
  phase = 'without';
  await until('without', 'good: Error');
  await until('without', 'forged: Error');
  await start();
  phase = 'after';
  await until('after', 'good: in');
  await until('after', 'forged: out');
  await until('after', 'revoked: out');
  phase = 'over';
  await load;

  const all = Object.values(seen).flatMap((counts) => [...counts.keys()]);
  expect(all.filter((word) => /^(?:forged|revoked): in$|Runtime|Sandbox/.test(word))).toEqual([]);
  expect(lines.some((line) => line.includes('"result":"error"') && line.includes('ECONNREFUSED'))).toBe(true);
}, 180_000);
