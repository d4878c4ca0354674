import type { Metadata } from '../../core/keys/record.ts';
import { InvalidCursorError } from '../../storage/dynamo.ts';
import type { KeyPage } from '../../storage/key-store.ts';
import { InvalidInputError } from '../errors.ts';
import { checkInput } from '../check-input.ts';
import { CURSOR_ACCEPTS, inputs } from '../input.ts';
import { viewOf, type KeyView } from '../view.ts';
import type { Operation } from './operation.ts';

/** A page of keys. */
export interface KeyList<Attributes = Metadata> {
  readonly records: readonly KeyView<Attributes>[];
  /** Pass it to get the next page. `null` on the last page. A short or empty page is not always the last one. */
  readonly cursor: string | null;
}

/** Lists keys, newest first. A search by name sorts them by name. */
export const list: Operation<KeyList> = async ({ settings, keys, now }, input) => {
  const { name, ...query } = checkInput(inputs.list(), input);
  const time = now();
  const page = await refuseForeignCursor(keys.list({ ...query, namePrefix: name, label: settings.label }, time));
  return { records: page.records.map((record) => viewOf(record, time)), cursor: page.cursor ?? null };
};

/** @throws {InvalidInputError} if the cursor is invalid or belongs to another query */
export async function refuseForeignCursor(page: Promise<KeyPage>): Promise<KeyPage> {
  try {
    return await page;
  } catch (error) {
    if (!(error instanceof InvalidCursorError)) throw error;
    throw new InvalidInputError([{ field: 'cursor', message: error.message, accepted: CURSOR_ACCEPTS }]);
  }
}
