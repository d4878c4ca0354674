import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Folders with installed packages, or with Git's internal files. */
const SKIPPED_FOLDERS = new Set(['.git', 'node_modules']);

/**
 * Returns the files below a path, or the path itself if it is a file. Doesn't follow links, because their targets are elsewhere, or
 * would be read twice.
 *
 * @param unreadable is called for each path that can't be read
 */
export async function* filesBelow(
  path: string,
  unreadable: (path: string, error: unknown) => void,
): AsyncGenerator<string> {
  const entries = await entriesOf(path).catch((error: unknown) => {
    unreadable(path, error);
    return [];
  });
  if (entries === undefined) yield path;
  for (const entry of entries?.toSorted((one, other) => (one.name < other.name ? -1 : 1)) ?? []) {
    const inside = join(path, entry.name);
    if (entry.isFile()) yield inside;
    else if (entry.isDirectory() && !SKIPPED_FOLDERS.has(entry.name)) yield* filesBelow(inside, unreadable);
  }
}

/** Returns the entries of a folder, or `undefined` for a file. */
async function entriesOf(path: string): Promise<Dirent[] | undefined> {
  return (await stat(path)).isDirectory() ? readdir(path, { withFileTypes: true }) : undefined;
}
