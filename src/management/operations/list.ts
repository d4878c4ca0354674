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
  /** Hand it back for the next page; `null` after the last. A page can be short, even empty, and not be the last. */
  readonly cursor: string | null;
}

/** Lists keys, newest first; by name when searched by name. */
export const list: Operation<KeyList> = async ({ settings, keys, now }, input) => {
  const { name, ...query } = checkInput(inputs.list(), input);
  const time = now();
  const page = await refuseForeignCursor(keys.list({ ...query, namePrefix: name, label: settings.label }, time));
  return { records: page.records.map((record) => viewOf(record, time)), cursor: page.cursor ?? null };
};

/** @throws {InvalidInputError} if the list was asked for with a cursor that it does not know */
export async function refuseForeignCursor(page: Promise<KeyPage>): Promise<KeyPage> {
  try {
    return await page;
  } catch (error) {
    if (!(error instanceof InvalidCursorError)) throw error;
    throw new InvalidInputError([{ field: 'cursor', message: error.message, accepted: CURSOR_ACCEPTS }]);
  }
}
