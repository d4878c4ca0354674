import { isLosslessNumber } from 'lossless-json';
import { Ambiguous } from './json.ts';
import type { Row } from './read-rows.ts';
import { spelling } from './spelling.ts';

/**
 * What in a row cannot be understood in one way only, whoever issued the key: a field that is given twice, also
 * under names that differ only in case or spaces, and half a character. `undefined` if there is nothing.
 */
export function ambiguityIn({ fields }: Row): string | undefined {
  const seen = new Map<string, string>();
  for (const name of Object.keys(fields)) {
    const before = seen.get(spelling(name));
    if (before !== undefined) return `${printableName(name)}: also given as ${printableName(before)}`;
    seen.set(spelling(name), name);
  }
  return ambiguousValue(fields, []);
}

/** The first value at or under `path` that cannot be understood, and why. */
export function ambiguousValue(value: unknown, path: readonly string[]): string | undefined {
  if (value instanceof Ambiguous) return `${path.join('.')}: ${value.reason}`;
  if (typeof value === 'string')
    return value.isWellFormed() ? undefined : `${path.join('.')}: has half a character (a lone surrogate)`;
  if (typeof value !== 'object' || value === null || isLosslessNumber(value)) return undefined;
  for (const [name, inner] of Object.entries(value)) {
    if (!name.isWellFormed()) return `${[...path, 'a field'].join('.')}: its name has half a character`;
    const found = ambiguousValue(inner, [...path, name]);
    if (found !== undefined) return found;
  }
  return undefined;
}

function printableName(name: string): string {
  return name.length < 65 ? JSON.stringify(name) : 'a field with a long name';
}
