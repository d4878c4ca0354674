import { rm } from 'node:fs/promises';
import type { IssuedKey } from '../../functions/manage/operations/issue-key.ts';
import { keyDetails } from './key.ts';
import { newFile } from './new-file.ts';
import { note, print, printJson, styledNote } from './screen.ts';

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
 * @throws {CommandError} if the file is there already, or cannot be made
 */
export async function handOver({ out, json }: SecretOptions, issue: () => Promise<IssuedKey>): Promise<void> {
  const file = out === undefined ? undefined : await newFile(out);
  let issued: IssuedKey;
  try {
    issued = await issue();
    if (issued.key !== null) await file?.writeFile(`${issued.key}\n`);
  } catch (error) {
    if (out !== undefined) await rm(out, { force: true });
    throw error;
  } finally {
    await file?.close();
  }
  const { key, record, message } = issued;
  if (out !== undefined && key === null) await rm(out, { force: true });

  if (json === true) {
    printJson(out === undefined ? issued : { ...issued, key: null, keyFile: key === null ? null : out });
    return;
  }
  note(keyDetails(record));
  note('');
  if (key === null) note(styledNote('yellow', message));
  else if (out !== undefined) note(`The key is in ${out}, which only you can read. It cannot be shown again.`);
  else {
    note(styledNote('yellow', message));
    print(key);
  }
}
