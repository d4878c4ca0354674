import { randomUUID } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { link, open, rename } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { CommandError, systemCode } from '../errors.ts';
import { interruptible } from '../interrupt.ts';
import { fileExists, fileNotWritten } from './new-file.ts';

/**
 * Writes a new file that only the user can read. Until it is complete it has another name in the same folder, because half an
 * export looks like a complete one.
 *
 * @throws {CommandError} if it already exists, or can't be written
 */
export async function writeCompleteFile(path: string, write: (stream: Writable) => Promise<void>): Promise<void> {
  if (existsSync(path)) throw fileExists(path);
  const partial = `${path}.${randomUUID()}.partial`;
  const writing = async () => {
    const stream = (await open(partial, 'wx', 0o600)).createWriteStream();
    await write(stream);
    await moveTo(path, partial);
  };
  const remove = () => {
    rmSync(partial, { force: true });
  };
  try {
    await interruptible(writing, remove);
  } catch (error) {
    if (error instanceof CommandError || !(error instanceof Error && 'code' in error)) throw error;
    throw fileNotWritten(path, error);
  } finally {
    remove();
  }
}

/** Renames a file with a hard link, which doesn't overwrite an existing file. */
async function moveTo(path: string, partial: string): Promise<void> {
  try {
    await link(partial, path);
  } catch (error) {
    if (systemCode(error) === 'EEXIST') throw fileExists(path);
    // A file system without hard links, such as that of a USB stick.
    await rename(partial, path);
  }
}
