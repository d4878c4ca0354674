import { setTimeout as delay } from 'node:timers/promises';
import type { ImportOutcome } from '../../src/management/operations/import.ts';
import type { Deployment } from '../deployment/deployment.ts';
import { CommandError, EXIT } from '../errors.ts';
import type { Progress } from '../output/progress.ts';
import type { Carried, Problem } from './plan.ts';

/** What the deployment says of the keys. */
export interface Sent {
  /** Stored or, on a dry run, to be stored. */
  readonly imported: readonly Carried[];
  /** There already, and left as they are. */
  readonly present: readonly Carried[];
  readonly problems: readonly Problem[];
  /** Keys that are imported although a new key like them would be rejected. */
  readonly warnings: readonly Problem[];
}

/** Small enough for a bar that moves, large enough that the calls do not count. */
const BATCH = 250;
const BATCHES_AT_A_TIME = 2;
const RETRY_PAUSES_MS = [1000, 3000, 10_000];

/**
 * Sends keys to be stored or, on a dry run, looked at.
 *
 * Sending a batch again does no harm, so an outage is tried over; and so is a whole import that was interrupted.
 *
 * @throws {CommandError} if the deployment cannot be reached for good
 */
export async function send(
  deployment: Deployment,
  carried: readonly Carried[],
  {
    progress,
    ...options
  }: { readonly dryRun: boolean; readonly includeUnusable: boolean; readonly progress: Progress },
): Promise<Sent> {
  const problems: Problem[] = [];
  const warnings: Problem[] = [];
  const imported: Carried[] = [];
  const present: Carried[] = [];
  const batches = Array.from({ length: Math.ceil(carried.length / BATCH) }, (_, index) =>
    carried.slice(index * BATCH, (index + 1) * BATCH),
  ).values();
  const sender = async () => {
    for (const batch of batches) {
      const { outcomes } = await insistently(() =>
        deployment.keys.importKeys(
          batch.map(({ key }) => key),
          options,
        ),
      );
      for (const [index, one] of batch.entries()) {
        const outcome = outcomes[index];
        if (outcome === undefined) throw new Error('the function answered for fewer keys than it was sent');
        if (outcome.outcome === 'refused')
          problems.push({ row: one.row, prefix: outcome.prefix, reason: reasonOf(outcome) });
        else (outcome.outcome === 'imported' ? imported : present).push(one);
        if (outcome.outcome === 'imported' && outcome.warning !== undefined)
          warnings.push({ row: one.row, prefix: outcome.prefix, reason: outcome.warning });
      }
      progress.add(batch.length);
    }
  };
  try {
    await Promise.all(Array.from({ length: BATCHES_AT_A_TIME }, sender));
  } finally {
    progress.done();
  }
  return { imported, present, problems, warnings };
}

function reasonOf({ reason, unusable }: Extract<ImportOutcome, { outcome: 'refused' }>): string {
  return unusable === true ? `${reason} (to import it anyway: --include-unusable)` : reason;
}

async function insistently<Answer>(call: () => Promise<Answer>): Promise<Answer> {
  for (const pause of RETRY_PAUSES_MS) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof CommandError) || error.exitCode !== EXIT.unreachable) throw error;
      await delay(pause);
    }
  }
  return call();
}
