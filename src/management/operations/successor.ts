import { statusOf, type EpochMs, type KeyRecord } from '../../core/keys/record.ts';
import type { OperationContext } from './operation.ts';

/** The maximum number of rotations to follow. In a longer chain, the caller has to follow the rest. */
const MAX_ROTATIONS = 20;

/**
 * Returns what to do instead with a key that was replaced: use the last key of its chain of rotations, if that still works.
 *
 * @param replacedBy the prefix of the key's successor
 * @param verb the operation that was requested, such as `rotate`
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

/** Returns the last key of the chain, or `undefined` if TTL has removed a key of the chain. */
async function lastOf(prefix: string, { keys }: OperationContext): Promise<KeyRecord | undefined> {
  let record = await keys.get(prefix, { consistent: true });
  for (let step = 0; record?.replacedBy !== undefined && step < MAX_ROTATIONS; step++)
    record = await keys.get(record.replacedBy, { consistent: true });
  return record;
}
