import type { StoredKey } from '../../storage/key-store.ts';
import { checkInput } from '../check-input.ts';
import { inputs, MAX_PAGE } from '../input.ts';
import { toPortable } from '../portable-key.ts';
import type { PortableKey } from '../portable.ts';
import type { Operation } from './operation.ts';
import { refuseForeignCursor } from './list.ts';

/** A page of keys in the format that `import` accepts. */
export interface ExportAnswer {
  readonly records: readonly PortableKey[];
  /** Pass it to get the next page. `null` on the last page. */
  readonly cursor: string | null;
}

/**
 * Returns the keys of this label, newest first, for an import in another deployment. Includes their digests, which no other
 * operation returns.
 */
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
