import { open, type FileHandle } from 'node:fs/promises';
import { usageError } from '../errors.ts';

/**
 * Opens a new file that only its owner can read.
 *
 * @throws {CommandError} if it is there already, or cannot be made
 */
export async function newFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx', 0o600);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EEXIST') throw usageError(`${path} is there already, and no file is overwritten; name another.`);
    throw usageError(`${path} cannot be written (${String(code)}); name another file.`);
  }
}
