import { KeyNotFoundError } from '../errors.ts';
import { checkInput } from '../check-input.ts';
import { inputs } from '../input.ts';
import { viewOf, type KeyView } from '../view.ts';
import type { FlushTime } from './flushing.ts';
import { existingKey } from './get.ts';
import type { Operation } from './operation.ts';

/** Returns when a revocation flushes the caches: now, unless the input says `flush: false`. */
export function flushTimeOfRevocation(input: unknown): FlushTime {
  return checkInput(inputs.revoke(), input).flush ? 'now' : 'later';
}

/** Revokes a key, for good. Revoking it again changes nothing: the first date and reason stay. */
export const revoke: Operation<KeyView> = async (context, input) => {
  const { prefix, reason } = checkInput(inputs.revoke(), input);
  await existingKey(context, prefix);
  const time = context.now();
  const outcome = await context.keys.revoke(prefix, reason, time);
  if (outcome.outcome === 'not_found') throw new KeyNotFoundError(prefix);
  return viewOf(outcome.record, time);
};
