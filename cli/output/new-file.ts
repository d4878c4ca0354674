import { open, rm } from 'node:fs/promises';
import { systemCode, usageError, type CommandError } from '../errors.ts';

/** A new file that only its owner can read, still empty. */
export interface NewFile {
  readonly path: string;
  /** Writes the content and closes the file. Removes the file if that fails. */
  write(text: string): Promise<void>;
  remove(): Promise<void>;
}

export function fileExists(path: string): CommandError {
  return usageError(`${path} already exists. Give the name of a new file.`);
}

export function fileNotWritten(path: string, error: unknown): CommandError {
  return usageError(`${path} can't be written (${systemCode(error)}). Give another file.`);
}

/**
 * Creates a new file.
 *
 * @throws {CommandError} if it already exists, or can't be created
 */
export async function newFile(path: string): Promise<NewFile> {
  const file = await open(path, 'wx', 0o600).catch((error: unknown) => {
    throw systemCode(error) === 'EEXIST' ? fileExists(path) : fileNotWritten(path, error);
  });
  const remove = async () => {
    await file.close().catch(() => undefined);
    await rm(path, { force: true });
  };
  return {
    path,
    write: async (text) => {
      try {
        await file.writeFile(text);
        // A network file system can report a full disk only now.
        await file.close();
      } catch (error) {
        await remove();
        throw error;
      }
    },
    remove,
  };
}
