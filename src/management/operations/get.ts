import { KeyNotFoundError } from '../errors.ts';
import { checkInput } from '../check-input.ts';
import { inputs } from '../input.ts';
import { viewOf, type KeyView } from '../view.ts';
import type { Operation, OperationContext } from './operation.ts';
import type { KeyRecord } from '../../core/keys/record.ts';

/** Shows one key. */
export const get: Operation<KeyView> = async (context, input) => {
  const { prefix } = checkInput(inputs.get(), input);
  return viewOf(await existingKey(context, prefix), context.now());
};

/**
 * The key of this label with a prefix, as it is at this moment.
 *
 * @throws {KeyNotFoundError} also for a key of another label in a shared table: one kind does not manage another's
 */
export async function existingKey({ keys, settings }: OperationContext, prefix: string): Promise<KeyRecord> {
  const record = await keys.get(prefix, { consistent: true });
  if (record?.label !== settings.label) throw new KeyNotFoundError(prefix);
  return record;
}
