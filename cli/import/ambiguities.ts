import { isLosslessNumber } from 'lossless-json';
import { Ambiguous } from './json.ts';
import { normalizedName, type Row } from './read-rows.ts';

/**
 * Returns what is ambiguous in a row of any format, or `undefined`: a field that is given twice, also under names that differ only
 * in case or spaces, or a lone surrogate.
 */
export function ambiguityIn({ fields }: Row): string | undefined {
  const seen = new Map<string, string>();
  for (const name of Object.keys(fields)) {
    const before = seen.get(normalizedName(name));
    if (before !== undefined) return `${printableName(name)}: also given as ${printableName(before)}`;
    seen.set(normalizedName(name), name);
  }
  return ambiguousValue(fields, []);
}

/** Returns the path of the first ambiguous value at or under `path`, with the reason. */
export function ambiguousValue(value: unknown, path: readonly string[]): string | undefined {
  if (value instanceof Ambiguous) return `${path.join('.')}: ${value.reason}`;
  if (typeof value === 'string')
    return value.isWellFormed()
      ? undefined
      : `${path.join('.')}: contains a lone surrogate, which is half of a character`;
  if (typeof value !== 'object' || value === null || isLosslessNumber(value)) return undefined;
  for (const [name, inner] of Object.entries(value)) {
    if (!name.isWellFormed())
      return `${[...path, 'a field'].join('.')}: its name contains a lone surrogate, which is half of a character`;
    const found = ambiguousValue(inner, [...path, name]);
    if (found !== undefined) return found;
  }
  return undefined;
}

function printableName(name: string): string {
  return name.length < 65 ? JSON.stringify(name) : 'a field with a long name';
}
