import type { Command } from 'commander';
import { prefixArgument } from '../arguments.ts';
import { onDeployment, type DeploymentOptions } from '../deployment/options.ts';
import { EXIT } from '../errors.ts';
import { isUnflushed, noteCaches } from '../output/caches.ts';
import { confirmed } from '../output/confirm.ts';
import { keyDetails } from '../output/key.ts';
import { print, printJson } from '../output/screen.ts';
import { deploymentCommand } from './command.ts';

interface Options extends DeploymentOptions {
  readonly reason?: string;
  readonly yes?: true;
  readonly json?: true;
}

export function revokeCommand(): Command {
  return deploymentCommand(
    'revoke',
    'Revoke keys, for good. It takes about 8 seconds to flush the authorizer caches.',
    ['revoke 4fQ9aZ0bT1xW --reason "left the company"', 'revoke 4fQ9aZ0bT1xW 7hR2cY5dU3zV --yes --json'],
  )
    .argument('<prefix...>', 'the prefixes of the keys', (text: string, before?: readonly string[]) => [
      ...(before ?? []),
      prefixArgument(text),
    ])
    .option('--reason <text>', 'why, for the record')
    .option('--yes', 'do not ask')
    .action((given: readonly string[], options: Options) =>
      onDeployment(options, async ({ keys }) => {
        const prefixes = [...new Set(given)];
        // All of them are looked up first: a prefix that does not exist revokes none of the others.
        const names: string[] = [];
        for (const prefix of prefixes) {
          const { name, ownerId } = await keys.get(prefix);
          names.push(`"${name}"${ownerId === null ? '' : ` of ${ownerId}`} (${prefix})`);
        }
        await confirmed(`Revoke ${names.join(', ')}? This cannot be undone.`, options);
        const { records, caches } = await keys.revokeAll(prefixes, { reason: options.reason });
        if (isUnflushed(caches)) process.exitCode = EXIT.refused;
        if (options.json === true) {
          printJson(records.length === 1 ? { ...records[0], caches } : { records, caches });
          return;
        }
        for (const record of records) print(keyDetails(record));
        const whose = records.length === 1 ? 'the key' : 'the keys';
        noteCaches(caches, whose, `latchkey revoke ${prefixes.join(' ')}`);
      }),
    );
}
