import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Folders that hold other people's files, or git's own. */
const SKIPPED_FOLDERS = new Set(['.git', 'node_modules']);

/**
 * The files below a path, or the path itself if it is one. Links are not followed: what they lead to is
 * elsewhere, or would be read twice.
 *
 * @throws {Error} with a `code` if the path is not there
 */
export async function* filesBelow(path: string): AsyncGenerator<string> {
  if (!(await stat(path)).isDirectory()) {
    yield path;
    return;
  }
  const entries = await readdir(path, { withFileTypes: true });
  for (const entry of entries.toSorted((one, other) => (one.name < other.name ? -1 : 1))) {
    const inside = join(path, entry.name);
    if (entry.isFile()) yield inside;
    else if (entry.isDirectory() && !SKIPPED_FOLDERS.has(entry.name)) yield* filesBelow(inside);
  }
}
