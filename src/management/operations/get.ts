import { KeyNotFoundError } from '../errors.ts';
import { checkInput } from '../check-input.ts';
import { prefixInput } from '../input.ts';
import { viewOf, type KeyView } from '../view.ts';
import type { Operation, OperationContext } from './operation.ts';
import type { KeyRecord } from '../../core/keys/record.ts';

/** Returns a key. */
export const get: Operation<KeyView> = async (context, input) => {
  const { prefix } = checkInput(prefixInput, input);
  return viewOf(await existingKey(context, prefix), context.now());
};

/**
 * Returns the key of this label with the prefix, in a consistent read.
 *
 * @throws {KeyNotFoundError} if there is no such key, or it has another label: a deployment manages only keys of its label
 */
export async function existingKey({ keys, settings }: OperationContext, prefix: string): Promise<KeyRecord> {
  const record = await keys.get(prefix, { consistent: true });
  if (record?.label !== settings.label) throw new KeyNotFoundError(prefix);
  return record;
}
