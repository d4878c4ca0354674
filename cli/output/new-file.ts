import { open, rm } from 'node:fs/promises';
import { systemCode, usageError, type CommandError } from '../errors.ts';

/** A new file that only its owner can read, still empty. */
export interface NewFile {
  readonly path: string;
  /** Writes all there is to be in it. What cannot be written whole is removed. */
  fill(text: string): Promise<void>;
  remove(): Promise<void>;
}

export function fileIsThere(path: string): CommandError {
  return usageError(`${path} is there already, and no file is overwritten; name another.`);
}

export function fileNotWritten(path: string, error: unknown): CommandError {
  return usageError(`${path} cannot be written (${systemCode(error)}); name another file.`);
}

/**
 * Makes a new file.
 *
 * @throws {CommandError} if it is there already, or cannot be made
 */
export async function newFile(path: string): Promise<NewFile> {
  const file = await open(path, 'wx', 0o600).catch((error: unknown) => {
    throw systemCode(error) === 'EEXIST' ? fileIsThere(path) : fileNotWritten(path, error);
  });
  const remove = async () => {
    await file.close().catch(() => undefined);
    await rm(path, { force: true });
  };
  return {
    path,
    fill: async (text) => {
      try {
        await file.writeFile(text);
        // A network's file system may say only now that there is no room.
        await file.close();
      } catch (error) {
        await remove();
        throw error;
      }
    },
    remove,
  };
}
