import { buffer } from 'node:stream/consumers';
import type { Command } from 'commander';
import { prefixArgument } from '../arguments.ts';
import { withDeployment, type DeploymentOptions } from '../deployment/options.ts';
import { EXIT, usageError } from '../errors.ts';
import { decodeText } from '../input/decode-text.ts';
import { isUnflushed, noteCaches } from '../output/caches.ts';
import { confirm } from '../output/confirm.ts';
import { keyDetails } from '../output/key.ts';
import { print, printJson } from '../output/screen.ts';
import { describedCommand } from './command.ts';

interface Options extends DeploymentOptions {
  readonly reason?: string;
  readonly yes?: true;
  readonly json?: true;
}

/** Stands for prefixes on stdin. */
const FROM_STDIN = '-';

export function revokeCommand(): Command {
  return describedCommand('revoke', 'Revoke keys permanently. Flushing the authorizer caches takes about 8 seconds.', [
    'revoke 4fQ9aZ0bT1xW --reason "left the company"',
    'revoke 4fQ9aZ0bT1xW 7hR2cY5dU3zV --yes --json',
    'list --unused 90d --json | jq -r ".records[].prefix" | latchkey revoke - --yes',
  ])
    .alias('rm')
    .argument(
      '<prefix...>',
      'prefixes of the keys, or - to read them from stdin',
      (text: string, before?: readonly string[]) => [
        ...(before ?? []),
        text === FROM_STDIN ? text : prefixArgument(text),
      ],
    )
    .option('--reason <text>', 'reason, for the record')
    .option('--yes', 'skip the confirmation')
    .action((given: readonly string[], options: Options) =>
      withDeployment(options, async ({ keys }) => {
        const prefixes = [
          ...new Set(given.includes(FROM_STDIN) ? [...given, ...(await prefixesFromStdin())] : given),
        ].filter((prefix) => prefix !== FROM_STDIN);
        // Looks up all keys first, so that an unknown prefix revokes none of the others.
        const names: string[] = [];
        for (const prefix of prefixes) {
          const { name, ownerId } = await keys.get(prefix);
          names.push(`"${name}"${ownerId === null ? '' : ` of ${ownerId}`} (${prefix})`);
        }
        await confirm(`Revoke ${names.join(', ')}? This cannot be undone.`, options);
        const { records, caches } = await keys.revokeAll(prefixes, { reason: options.reason });
        if (isUnflushed(caches)) process.exitCode = EXIT.refused;
        if (options.json === true) {
          printJson(records.length === 1 ? { ...records[0], caches } : { records, caches });
          return;
        }
        for (const record of records) print(keyDetails(record));
        noteCaches(caches, records.length === 1 ? 'the key' : 'the keys', `latchkey revoke ${prefixes.join(' ')}`);
      }),
    );
}

/** Reads prefixes that are separated by white space. */
async function prefixesFromStdin(): Promise<string[]> {
  const decoded = decodeText(await buffer(process.stdin));
  const prefixes = 'text' in decoded ? decoded.text.split(/\s+/).filter((word) => word !== '') : [];
  if (prefixes.length === 0) throw usageError('No prefixes were given on stdin. Send one prefix per line.');
  return prefixes.map(prefixArgument);
}
