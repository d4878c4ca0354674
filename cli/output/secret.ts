import type { IssuedKey } from '../../src/management/operations/issue-key.ts';
import { refusal, systemCode } from '../errors.ts';
import { keyDetails } from './key.ts';
import { newFile } from './new-file.ts';
import { note, printJson, printSurely } from './screen.ts';
import { json as inJson, styledNote, verbatim } from './terminal-text.ts';

export interface SecretOptions {
  /** The file to write the key to, instead of showing it. */
  readonly out?: string;
  readonly json?: true;
}

/**
 * Has a key issued, and hands it over this once: on stdout alone, so that it can be piped, or in a new file
 * that only its owner can read.
 *
 * The file is made before the key is, so that no key is issued which then cannot be kept.
 *
 * @returns what issuing it has answered
 * @throws {CommandError} if the file is there already, or cannot be made; or if the key was issued and could not be written
 */
export async function handOver<Issued extends IssuedKey>(
  { out, json }: SecretOptions,
  issue: () => Promise<Issued>,
): Promise<Issued> {
  const file = out === undefined ? undefined : await newFile(out);
  const issued = await issue().catch(async (error: unknown) => {
    await file?.remove();
    throw error;
  });
  const { key, record, message } = issued;
  if (key === null) await file?.remove();
  else if (file !== undefined) await delivered(issued, file.path, file.fill(`${key}\n`));

  if (json !== true) {
    note(keyDetails(record));
    note('');
    if (file === undefined || key === null) note(styledNote('yellow', message));
    else note(`The key is in ${file.path}, which only you can read. It cannot be shown again.`);
  }
  if (file === undefined && key !== null)
    await delivered(issued, 'stdout', printSurely(json === true ? inJson(issued, { key }) : verbatim(key)));
  else if (json === true)
    printJson(file === undefined ? issued : { ...issued, key: null, keyFile: key === null ? null : file.path });
  return issued;
}

/** Waits until a key is written. One that could not be is live all the same: it is shown where that is safe, or given up by name. */
async function delivered({ key, record }: IssuedKey, where: string, written: Promise<void>): Promise<void> {
  try {
    await written;
  } catch (error) {
    const failed = `The key ${record.prefix} is issued and live, but could not be written to ${where} (${systemCode(error)})`;
    const shown = key !== null && process.stderr.isTTY;
    if (shown) note(verbatim(key));
    throw refusal({
      code: 'undelivered',
      message: shown
        ? `${failed}: store it from here, now.`
        : `${failed}, and is lost: "latchkey rotate ${record.prefix}" makes another in its place, "latchkey revoke ${record.prefix}" ends it.`,
      prefix: record.prefix,
    });
  }
}
