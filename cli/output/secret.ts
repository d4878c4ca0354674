import type { IssuedKey } from '../../src/management/operations/issue-key.ts';
import { destinationOf, storeKey, type DestinationOptions, type Issue } from '../destinations/destination.ts';
import { refusal, systemCode } from '../errors.ts';
import { keyDetails } from './key.ts';
import { newFile } from './new-file.ts';
import { note, printAndWait, printJson } from './screen.ts';
import { json as inJson, styledNote, verbatim } from './terminal-text.ts';

export interface SecretOptions extends DestinationOptions {
  /** The file to write the key to, instead of stdout. */
  readonly out?: string;
}

/**
 * Issues a key and prints it once: alone on stdout, so that it can be piped, or to a new file that only the user can read.
 *
 * Creates the file before it issues the key, so that no key is lost if the file can't be created.
 *
 * @returns the result of issuing the key
 * @throws {CommandError} if the file already exists or can't be created, or if the key was issued and can't be written
 */
export async function issueAndPrint<Issued extends IssuedKey>(
  options: SecretOptions,
  request: Issue<Issued>,
): Promise<Issued> {
  const destination = await destinationOf(options);
  if (destination !== undefined) return storeKey(destination, options, request);
  const { issue } = request;
  const { out, json } = options;
  const file = out === undefined ? undefined : await newFile(out);
  const issued = await issue().catch(async (error: unknown) => {
    await file?.remove();
    throw error;
  });
  const { key, record, message } = issued;
  if (key === null) await file?.remove();
  else if (file !== undefined) await deliver(issued, file.path, file.write(`${key}\n`));

  if (json !== true) {
    note(keyDetails(record));
    note('');
    if (file === undefined || key === null) note(styledNote('yellow', message));
    else note(`The key is in ${file.path}, which only you can read. It can't be shown again.`);
  }
  if (file === undefined && key !== null)
    await deliver(issued, 'stdout', printAndWait(json === true ? inJson(issued, { key }) : verbatim(key)));
  else if (json === true)
    printJson(file === undefined ? issued : { ...issued, key: null, keyFile: key === null ? null : file.path });
  return issued;
}

/** Waits until a key is written. If that fails, prints the key to a terminal, or reports its prefix, because the key is active. */
async function deliver({ key, record }: IssuedKey, where: string, written: Promise<void>): Promise<void> {
  try {
    await written;
  } catch (error) {
    const failed = `The key ${record.prefix} was issued and is active, but it can't be written to ${where} (${systemCode(error)})`;
    const shown = key !== null && process.stderr.isTTY;
    if (shown) note(verbatim(key));
    throw refusal({
      code: 'undelivered',
      message: shown
        ? `${failed}. Store it now; it can't be shown again.`
        : `${failed}, so it is lost. Replace it with "latchkey rotate ${record.prefix} --overlap 0s", or revoke it with "latchkey revoke ${record.prefix}".`,
      prefix: record.prefix,
    });
  }
}
