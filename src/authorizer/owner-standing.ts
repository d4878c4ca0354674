import { underOwner, type Decision } from '../core/decision/decision.ts';
import type { OwnerReader } from '../storage/key-store.ts';

/**
 * Reads the owner of a verified key, if it has one, and lets nobody in whose owner is suspended. It comes after the
 * key's own record, which alone says whose it is: only the holder of a good key costs this read.
 *
 * @param timeoutMs what the look-up of the key has left over of its time
 * @throws what kept the owner from being read: then nobody gets in
 */
export async function withOwnerInGoodStanding(
  decision: Decision,
  owners: OwnerReader,
  timeoutMs: number,
): Promise<Decision> {
  if (!decision.allowed || decision.record.ownerId === undefined) return decision;
  const { label, ownerId } = decision.record;
  return underOwner(decision, await owners.getOwner(label, ownerId, { timeoutMs }));
}
