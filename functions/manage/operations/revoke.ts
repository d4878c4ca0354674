import { KeyNotFoundError } from '../errors.ts';
import { checkInput, inputs } from '../input.ts';
import { viewOf, type KeyView } from '../view.ts';
import { existingKey } from './get.ts';
import type { Operation } from './operation.ts';

/** Revokes a key, for good. Revoking it again changes nothing: the first date and reason stay. */
export const revoke: Operation<KeyView> = async (context, input) => {
  const { prefix, reason } = checkInput(inputs.revoke(), input);
  await existingKey(context, prefix);
  const time = context.now();
  const outcome = await context.keys.revoke(prefix, reason, time);
  if (outcome.outcome === 'not_found') throw new KeyNotFoundError(prefix);
  return viewOf(outcome.record, time);
};
