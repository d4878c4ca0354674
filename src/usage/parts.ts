import type { CountedLine } from '../gateway/usage.ts';

type ItemsOf = (line: CountedLine) => readonly string[];

/**
 * Splits lines into parts, each of which fits into one transaction. All lines of a key are in the same lane, so parts of
 * different lanes never write the same item.
 *
 * @param options.itemsOf returns the items that a line is counted in
 * @param options.maxItems the maximum number of items in a part
 * @param options.lanes the maximum number of lanes
 */
export function partsByLane(
  lines: readonly CountedLine[],
  { itemsOf, maxItems, lanes }: { readonly itemsOf: ItemsOf; readonly maxItems: number; readonly lanes: number },
): CountedLine[][][] {
  const byKey = [...Map.groupBy(lines, ({ keyId }) => keyId).values()];
  const byLane = Map.groupBy(byKey.entries(), ([index]) => index % lanes);
  return [...byLane.values()].map((keys) =>
    parts(
      keys.flatMap(([, ofKey]) => ofKey),
      itemsOf,
      maxItems,
    ),
  );
}

function parts(lines: readonly CountedLine[], itemsOf: ItemsOf, maxItems: number): CountedLine[][] {
  const all: CountedLine[][] = [];
  let items = new Set<string>();
  for (const line of lines) {
    const extended = new Set([...items, ...itemsOf(line)]);
    const current = all.at(-1);
    if (current !== undefined && extended.size <= maxItems) {
      current.push(line);
      items = extended;
    } else {
      all.push([line]);
      items = new Set(itemsOf(line));
    }
  }
  return all;
}
