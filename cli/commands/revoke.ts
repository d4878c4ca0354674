import type { Command } from 'commander';
import { prefixArgument } from '../arguments.ts';
import { withDeployment, type DeploymentOptions } from '../deployment/options.ts';
import { EXIT } from '../errors.ts';
import { isUnflushed, noteCaches } from '../output/caches.ts';
import { confirm } from '../output/confirm.ts';
import { keyDetails } from '../output/key.ts';
import { print, printJson } from '../output/screen.ts';
import { deploymentCommand } from './command.ts';

interface Options extends DeploymentOptions {
  readonly reason?: string;
  readonly yes?: true;
  readonly json?: true;
}

export function revokeCommand(): Command {
  return deploymentCommand('revoke', 'Revoke keys permanently. Flushing the authorizer caches takes about 8 seconds.', [
    'revoke 4fQ9aZ0bT1xW --reason "left the company"',
    'revoke 4fQ9aZ0bT1xW 7hR2cY5dU3zV --yes --json',
  ])
    .argument('<prefix...>', 'prefixes of the keys', (text: string, before?: readonly string[]) => [
      ...(before ?? []),
      prefixArgument(text),
    ])
    .option('--reason <text>', 'reason, for the record')
    .option('--yes', 'skip the confirmation')
    .action((given: readonly string[], options: Options) =>
      withDeployment(options, async ({ keys }) => {
        const prefixes = [...new Set(given)];
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
