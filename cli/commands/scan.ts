import type { Command } from 'commander';
import { ANY_LABEL, isLabel, keyPattern, LABEL_ACCEPTS } from '../../functions/domain/key.ts';
import { collect } from '../arguments.ts';
import { EXIT, usageError } from '../errors.ts';
import { note, print, printJson, styled } from '../output/screen.ts';
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
  /** Binary files, which were not looked into. */
  readonly filesSkipped: number;
}

export function scanCommand(): Command {
  return describedCommand('scan', 'Find keys in files, by form and checksum. Needs no AWS account.', [
    'scan .',
    'scan --label acme_live src config.json',
    'scan --pattern --label acme_live',
  ])
    .argument('[paths...]', 'files and folders')
    .option('--label <label>', 'only keys with this label; repeat for more (default: any)', collect)
    .option('--pattern', 'print the regular expression for a secret scanner, and scan nothing')
    .action(async (paths: readonly string[], options: Options) => {
      const { label: labels, json } = options;
      const wrong = labels?.find((label) => !isLabel(label));
      if (wrong !== undefined) throw usageError(`"${wrong}" is no label; accepted: ${LABEL_ACCEPTS}.`);
      if (options.pattern === true) {
        const patterns = (labels ?? [ANY_LABEL]).map((label) => keyPattern(label));
        if (json === true) printJson({ patterns });
        else for (const pattern of patterns) print(pattern);
        return;
      }
      if (paths.length === 0) throw usageError('Say what to scan, such as "latchkey scan .".');
      const result = await scan(paths, labels);
      if (result.leaks.length > 0) process.exitCode = EXIT.refused;
      if (json === true) printJson(result);
      else report(result);
    });
}

async function scan(paths: readonly string[], labels: readonly string[] | undefined): Promise<ScanResult> {
  const leaks: Leak[] = [];
  let filesScanned = 0;
  let filesSkipped = 0;
  for (const path of paths) {
    try {
      for await (const file of filesBelow(path)) {
        const found = await scanFile(file, labels);
        if (found === undefined) filesSkipped += 1;
        else filesScanned += 1;
        leaks.push(...(found ?? []));
      }
    } catch (error) {
      // A file that cannot be read may hold a key: to pass over it would be to say that it holds none.
      throw usageError(`${path} cannot be scanned: ${error instanceof Error ? error.message : String(error)}.`);
    }
  }
  return { leaks, filesScanned, filesSkipped };
}

function report({ leaks, filesScanned, filesSkipped }: ScanResult): void {
  for (const { file, line, label, prefix } of leaks)
    print(`${file}:${String(line)}: ${styled('red', `${label}_${prefix}_…`)}`);
  const skipped = filesSkipped === 0 ? '' : `, ${String(filesSkipped)} binary ones skipped`;
  note(`${String(leaks.length)} keys in ${String(filesScanned)} files${skipped}.`);
  if (leaks.length > 0) note('Rotate or revoke each: "latchkey rotate <prefix>"; the key stays in the history of git.');
}
