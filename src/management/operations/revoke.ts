import { KeyNotFoundError } from '../errors.ts';
import { checkInput } from '../check-input.ts';
import { inputs } from '../input.ts';
import { viewOf, type KeyView } from '../view.ts';
import type { FlushTime } from './flushing.ts';
import { existingKey } from './get.ts';
import type { Operation } from './operation.ts';

/** Returns when to flush the caches after a revocation: now, unless the input has `flush: false`. */
export function flushTimeOfRevocation(input: unknown): FlushTime {
  return checkInput(inputs.revoke(), input).flush ? 'now' : 'later';
}

/** Revokes a key permanently. If the key is already revoked, its time and reason don't change. */
export const revoke: Operation<KeyView> = async (context, input) => {
  const { prefix, reason } = checkInput(inputs.revoke(), input);
  await existingKey(context, prefix);
  const time = context.now();
  const outcome = await context.keys.revoke(prefix, reason, time);
  if (outcome.outcome === 'not_found') throw new KeyNotFoundError(prefix);
  return viewOf(outcome.record, time);
};
