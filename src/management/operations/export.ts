import type { StoredKey } from '../../storage/key-store.ts';
import { checkInput } from '../check-input.ts';
import { inputs, MAX_PAGE } from '../input.ts';
import { toPortable } from '../portable-key.ts';
import type { PortableKey } from '../portable.ts';
import type { Operation } from './operation.ts';
import { refuseForeignCursor } from './list.ts';

/** A page of keys as an import takes them. */
export interface ExportAnswer {
  readonly records: readonly PortableKey[];
  /** Hand it back for the next page; `null` after the last. */
  readonly cursor: string | null;
}

/** Everything about the keys of this label, newest first, to be imported elsewhere: their digests too, which other operations keep to themselves. */
export const exportKeys: Operation<ExportAnswer> = async ({ settings, keys, now }, input) => {
  const { limit, cursor: from } = checkInput(inputs.export(), input);
  const records: StoredKey[] = [];
  let cursor = from;
  do {
    const page = await refuseForeignCursor(
      keys.list({ label: settings.label, limit: Math.min(MAX_PAGE, limit - records.length), cursor }, now()),
    );
    records.push(...page.records);
    cursor = page.cursor;
  } while (cursor !== undefined && records.length < limit);
  return { records: records.map(toPortable), cursor: cursor ?? null };
};
