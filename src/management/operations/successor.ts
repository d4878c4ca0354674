import { statusOf, type EpochMs, type KeyRecord } from '../../core/keys/record.ts';
import type { OperationContext } from './operation.ts';

/** Rotations that are followed to find the key in use. A longer chain is left to the caller to follow. */
const MAX_ROTATIONS = 20;

/**
 * What to do instead, for a key that was replaced: the last key of its chain of rotations, if that is still in use.
 *
 * @param replacedBy the prefix of the key's successor
 * @param verb what was to be done with the key, such as `rotate`
 */
export async function adviceFor(
  replacedBy: string,
  context: OperationContext,
  now: EpochMs,
  verb: 'rotate' | 'change',
): Promise<string> {
  const last = await lastOf(replacedBy, context);
  const status = last === undefined ? 'deleted' : statusOf(last, now);
  if (status === 'active') return `${verb} ${last?.prefix ?? replacedBy} instead`;
  if (status === 'disabled') return `enable its successor ${last?.prefix ?? replacedBy} and ${verb} that`;
  return `its successor ${last?.prefix ?? replacedBy} is ${status}, so create a new one`;
}

/** `undefined` if a key of the chain has been deleted: TTL removes ended keys. */
async function lastOf(prefix: string, { keys }: OperationContext): Promise<KeyRecord | undefined> {
  let record = await keys.get(prefix, { consistent: true });
  for (let step = 0; record?.replacedBy !== undefined && step < MAX_ROTATIONS; step++)
    record = await keys.get(record.replacedBy, { consistent: true });
  return record;
}
