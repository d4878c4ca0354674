import fc from 'fast-check';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { AccidentProneHandler } from './accidents.ts';
import { history, type History } from './history.ts';
import { play, type Stage } from './play.ts';

/** The number of concurrent histories, each with separate keys. Most of their time they wait for retries. */
const LANES = 8;

export interface Played {
  histories: number;
  acts: number;
  accidents: number;
}

/** A DynamoDB client whose requests can have accidents. */
export function accidentProneClient(config: DynamoDBClientConfig): DynamoDBDocumentClient {
  const client = new DynamoDBClient({ ...config, maxAttempts: 3, requestHandler: new AccidentProneHandler() });
  return DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
}

/**
 * Plays the given number of histories.
 *
 * @throws {Error} with the seed and the smallest history that the model can't explain
 */
export async function playMany(count: number, seed: number, stage: Stage, played: Played): Promise<void> {
  const lane = async (number: number) => {
    const numRuns = Math.ceil((count - number) / LANES);
    const property = fc.asyncProperty(history, async (one: History) => {
      await play(one, stage);
      played.histories++;
      const acts = one.flatMap((scene) => scene.acts);
      played.acts += acts.length;
      played.accidents += acts.filter(({ accident }) => accident !== undefined).length;
    });
    const result = await fc.check(property, { seed: seed + number, numRuns });
    if (!result.failed) return;
    const [smallest] = result.counterexample ?? [];
    throw new Error(
      `seed ${String(seed)}, lane ${String(number)}: ${JSON.stringify(smallest)}\n${String(result.errorInstance)}`,
    );
  };
  await Promise.all(Array.from({ length: Math.min(LANES, count) }, (_, number) => lane(number)));
}
