import type { Command } from 'commander';
import { findKeys } from '../../src/core/keys/find-keys.ts';
import { ANY_LABEL, isLabel, keyPattern, LABEL_ACCEPTS } from '../../src/core/keys/key.ts';
import { collect } from '../arguments.ts';
import { EXIT, systemCode, usageError } from '../errors.ts';
import { counted, note, print, printJson } from '../output/screen.ts';
import { line, styled } from '../output/terminal-text.ts';
import { filesBelow } from '../scan/files.ts';
import { scanFile, type Leak } from '../scan/scan-file.ts';
import { describedCommand } from './command.ts';

interface Options {
  readonly label?: readonly string[];
  readonly pattern?: true;
  readonly json?: true;
}

interface ScanResult {
  readonly leaks: readonly Leak[];
  readonly filesScanned: number;
  /** Files and folders that could not be read, and can contain keys. */
  readonly unreadable: readonly { readonly path: string; readonly reason: string }[];
}

export function scanCommand(): Command {
  return describedCommand('scan', 'Find keys in files by their format and checksum. Needs no AWS account.', [
    'scan .',
    'scan --label acme_live src config.json',
    'scan --pattern --label acme_live',
  ])
    .argument('[paths...]', 'files and folders')
    .option('--label <label>', 'only keys with this label; can be repeated (default: any)', collect)
    .option('--pattern', 'print a regular expression for secret scanners instead of scanning')
    .action(async (paths: readonly string[], options: Options) => {
      const { label: labels, json } = options;
      const wrong = labels?.find((label) => !isLabel(label));
      if (wrong !== undefined) throw usageError(`"${wrong}" is not a valid label. Use ${LABEL_ACCEPTS}.`);
      if (options.pattern === true) {
        const patterns = (labels ?? [ANY_LABEL]).map((label) => keyPattern(label));
        if (json === true) printJson({ patterns });
        else for (const pattern of patterns) print(pattern);
        return;
      }
      if (paths.length === 0) throw usageError('Give the files or folders to scan, for example "latchkey scan .".');
      const result = await scan(paths, labels);
      if (result.leaks.length > 0) process.exitCode = EXIT.refused;
      else if (result.unreadable.length > 0) process.exitCode = EXIT.usage;
      if (json === true) printJson(result);
      else report(result);
    });
}

async function scan(paths: readonly string[], labels: readonly string[] | undefined): Promise<ScanResult> {
  const leaks: Leak[] = [];
  let filesScanned = 0;
  const unreadable: { path: string; reason: string }[] = [];
  const cannotRead = (path: string, error: unknown) => {
    unreadable.push({ path, reason: systemCode(error) });
  };
  const named = new Set<string>();
  for (const path of paths) {
    for await (const file of filesBelow(path, cannotRead)) {
      for (const { key } of findKeys(file, labels)) {
        // The name of a folder is in the path of every file in it.
        if (!named.has(key.text)) leaks.push({ file, line: null, label: key.label, prefix: key.prefix });
        named.add(key.text);
      }
      try {
        leaks.push(...(await scanFile(file, labels)));
        filesScanned += 1;
      } catch (error) {
        cannotRead(file, error);
      }
    }
  }
  return { leaks, filesScanned, unreadable };
}

function report({ leaks, filesScanned, unreadable }: ScanResult): void {
  for (const leak of leaks) {
    const place = leak.line === null ? 'in the name' : String(leak.line);
    print(line`${leak.file}:${place}: ${styled('red', `${leak.label}_${leak.prefix}_…`)}`);
  }
  for (const { path, reason } of unreadable) note(`latchkey: ${path} can't be read (${reason}).`);
  note(`${counted(leaks.length, 'key')} in ${counted(filesScanned, 'file')}.`);
  if (leaks.length > 0)
    note(
      'Revoke leaked keys with "latchkey revoke <prefix>". Deleting them from the file does not remove them from the Git history.',
    );
}
