import { setTimeout as delay } from 'node:timers/promises';
import type { ImportOutcome } from '../../src/management/operations/import.ts';
import type { Deployment } from '../deployment/deployment.ts';
import { CommandError, EXIT } from '../errors.ts';
import type { Progress } from '../output/progress.ts';
import type { ImportableKey, Problem } from './plan.ts';

/** The results of the deployment for the keys that were sent. */
export interface Sent {
  /** Imported or, in a dry run, importable. */
  readonly imported: readonly ImportableKey[];
  /** Already in the deployment, and unchanged. */
  readonly present: readonly ImportableKey[];
  readonly problems: readonly Problem[];
  /** Keys that are imported although a new key like them would be rejected. */
  readonly warnings: readonly Problem[];
}

/** Small enough for a smooth progress bar, and large enough to keep the number of calls low. */
const BATCH = 250;
const CONCURRENT_BATCHES = 2;
const RETRY_PAUSES_MS = [1000, 3000, 10_000];

/**
 * Sends keys to the deployment, which imports them or, in a dry run, checks them.
 *
 * Sending a batch is idempotent, so it is retried after an outage, and an interrupted import can be run again.
 *
 * @throws {CommandError} if the deployment can't be reached after several attempts
 */
export async function send(
  deployment: Deployment,
  keys: readonly ImportableKey[],
  {
    progress,
    ...options
  }: { readonly dryRun: boolean; readonly includeUnusable: boolean; readonly progress: Progress },
): Promise<Sent> {
  const problems: Problem[] = [];
  const warnings: Problem[] = [];
  const imported: ImportableKey[] = [];
  const present: ImportableKey[] = [];
  const batches = Array.from({ length: Math.ceil(keys.length / BATCH) }, (_, index) =>
    keys.slice(index * BATCH, (index + 1) * BATCH),
  ).values();
  const sender = async () => {
    for (const batch of batches) {
      const { outcomes } = await withRetries(() =>
        deployment.keys.importKeys(
          batch.map(({ key }) => key),
          options,
        ),
      );
      for (const [index, one] of batch.entries()) {
        const outcome = outcomes[index];
        if (outcome === undefined) throw new Error('the function returned fewer outcomes than keys');
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
    await Promise.all(Array.from({ length: CONCURRENT_BATCHES }, sender));
  } finally {
    progress.stop();
  }
  return { imported, present, problems, warnings };
}

function reasonOf({ reason, unusable }: Extract<ImportOutcome, { outcome: 'refused' }>): string {
  return unusable === true ? `${reason} (use --include-unusable to import it anyway)` : reason;
}

async function withRetries<Result>(call: () => Promise<Result>): Promise<Result> {
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
