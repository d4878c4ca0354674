import { randomUUID } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { link, open, rename } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { CommandError, systemCode } from '../errors.ts';
import { interruptible } from '../interrupt.ts';
import { fileIsThere, fileNotWritten } from './new-file.ts';

/**
 * Has a new file written that only its owner can read. Until it is whole it lies beside under another name: half an
 * export looks like a whole one.
 *
 * @throws {CommandError} if it is there already, or cannot be written
 */
export async function writeWhole(path: string, write: (stream: Writable) => Promise<void>): Promise<void> {
  if (existsSync(path)) throw fileIsThere(path);
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

/** By a link, which overwrites nothing. */
async function moveTo(path: string, partial: string): Promise<void> {
  try {
    await link(partial, path);
  } catch (error) {
    if (systemCode(error) === 'EEXIST') throw fileIsThere(path);
    // A file system without links, such as that of a USB stick.
    await rename(partial, path);
  }
}
