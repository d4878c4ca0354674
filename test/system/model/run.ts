/** Plays random histories of keys against the model: `npm run model -- [--histories 1000] [--seed 1]`. */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { DeleteTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CREDENTIALS, REGION } from '../../../local/account.ts';
import { createTable } from '../../../local/create-table.ts';
import { startDynamoDbLocal } from '../../../local/dynamodb-local.ts';
import { accidentProneClient, playMany, type Played } from './campaign.ts';

/** The number of histories per seed. Progress is printed after each. */
const ROUND = 500;

const { values } = parseArgs({ options: { histories: { type: 'string', default: '1000' }, seed: { type: 'string' } } });
const wanted = Number(values.histories);
let seed = values.seed === undefined ? randomInt(1_000_000) : Number(values.seed);

const dynamodb = await startDynamoDbLocal();
const connection = { endpoint: dynamodb.endpoint, region: REGION, credentials: CREDENTIALS };
const tables = new DynamoDBClient(connection);
const played: Played = { histories: 0, acts: 0, accidents: 0 };
try {
  while (played.histories < wanted) {
    const tableName = `model-${String(seed)}`;
    await createTable(tables, tableName);
    const stage = { client: accidentProneClient(connection), tableName, endpoint: dynamodb.endpoint };
    await playMany(Math.min(ROUND, wanted - played.histories), seed, stage, played);
    await tables.send(new DeleteTableCommand({ TableName: tableName }));
    const { histories, acts, accidents } = played;
    console.error(
      `seed ${String(seed)}: ${histories.toLocaleString('en')} histories, ${acts.toLocaleString('en')} acts, ${accidents.toLocaleString('en')} of them with an accident`,
    );
    seed += 1000;
  }
} finally {
  await dynamodb.stop();
}
