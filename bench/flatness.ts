import { documentClient } from '../src/storage/client.ts';
import { DynamoKeyStore } from '../src/storage/dynamo.ts';
import { CREDENTIALS, REGION } from '../local/account.ts';
import { environmentOf } from './decisions.ts';
import { restEvent } from './events.ts';
import { LABEL, type FilledTable } from './keys.ts';
import { measure, type Variant } from './process.ts';
import { spread } from './statistics.ts';

/** The time of a decision and of a page of a list, by size of the table. One value per round. */
export interface Flatness {
  readonly size: number;
  readonly decisionP50: number[];
  readonly listPageP50: number[];
}

const PAGE = 50;
const PAGES_PER_ROUND = 40;

export async function measureFlatness(
  authorizer: Variant,
  endpoint: string,
  tables: readonly FilledTable[],
  { rounds, warmCalls }: { rounds: number; warmCalls: number },
): Promise<Flatness[]> {
  const client = documentClient({ endpoint, region: REGION, credentials: CREDENTIALS });
  const found: Flatness[] = tables.map(({ size }) => ({ size, decisionP50: [], listPageP50: [] }));
  for (let round = 0; round < rounds; round++) {
    for (const [index, { tableName, samples }] of tables.entries()) {
      const task = { events: samples.map(restEvent), warmCalls };
      const { wallP50Micros = NaN } = await measure(authorizer, task, environmentOf(endpoint, tableName));
      found[index]?.decisionP50.push(wallP50Micros);
      const store = new DynamoKeyStore({ client, tableName, retentionSeconds: 0 });
      found[index]?.listPageP50.push(await pageP50(store));
    }
  }
  return found;
}

/** Lists the newest keys of a label. */
async function pageP50(store: DynamoKeyStore): Promise<number> {
  const times: number[] = [];
  for (let page = 0; page < PAGES_PER_ROUND; page++) {
    const start = performance.now();
    await store.list({ label: LABEL, limit: PAGE }, Date.now());
    times.push((performance.now() - start) * 1000);
  }
  return spread(times).median;
}
