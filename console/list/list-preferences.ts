import { useState } from 'react';
import type { AttributeField } from '../attributes/fields.ts';
import { attributeColumn, COLUMNS_SHOWN, COLUMNS_TO_CHOOSE } from './columns.tsx';

interface ColumnChoice {
  readonly id: string;
  readonly visible: boolean;
}

interface ListPreferences {
  readonly pageSize: number;
  readonly columns: readonly ColumnChoice[];
}

export const PAGE_SIZES = [20, 50, 100] as const;

const STORED_AS = 'latchkey.list';
/** Further attributes are hidden by default. */
const MAX_ATTRIBUTES_SHOWN = 3;

/** The page size and the columns of the list, which the browser remembers. Nothing about keys is stored. */
export function useListPreferences(attributes: readonly AttributeField[]) {
  const [preferences, set] = useState(() => stored(attributes) ?? initial(attributes));
  const change = (changed: ListPreferences) => {
    localStorage.setItem(STORED_AS, JSON.stringify(changed));
    set(changed);
  };
  return [preferences, change] as const;
}

function initial(attributes: readonly AttributeField[]): ListPreferences {
  return {
    pageSize: 50,
    columns: [
      ...COLUMNS_SHOWN.map((id) => ({ id, visible: true })),
      ...attributes.map(({ name }, index) => ({ id: attributeColumn(name), visible: index < MAX_ATTRIBUTES_SHOWN })),
      ...COLUMNS_TO_CHOOSE.map((id) => ({ id, visible: false })),
    ],
  };
}

/** Returns the stored preferences, or `undefined` if they are invalid or the columns have changed. */
function stored(attributes: readonly AttributeField[]): ListPreferences | undefined {
  try {
    const { pageSize, columns } = JSON.parse(localStorage.getItem(STORED_AS) ?? 'null') as ListPreferences;
    const ids = (list: readonly ColumnChoice[]) => list.map(({ id }) => id).toSorted();
    const same = JSON.stringify(ids(columns)) === JSON.stringify(ids(initial(attributes).columns));
    return same && PAGE_SIZES.some((size) => size === pageSize) ? { pageSize, columns } : undefined;
  } catch {
    return undefined;
  }
}
