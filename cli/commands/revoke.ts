import type { Command } from 'commander';
import { prefixArgument } from '../arguments.ts';
import { onDeployment, type DeploymentOptions } from '../deployment/options.ts';
import { EXIT } from '../errors.ts';
import { noteCaches } from '../output/caches.ts';
import { confirmed } from '../output/confirm.ts';
import { keyDetails } from '../output/key.ts';
import { print, printable, printJson } from '../output/screen.ts';
import { deploymentCommand } from './command.ts';

interface Options extends DeploymentOptions {
  readonly reason?: string;
  readonly yes?: true;
  readonly json?: true;
}

export function revokeCommand(): Command {
  return deploymentCommand('revoke', 'Revoke a key, for good.', [
    'revoke 4fQ9aZ0bT1xW --reason "left the company"',
    'revoke 4fQ9aZ0bT1xW --yes --json',
  ])
    .argument('<prefix>', "the key's prefix", prefixArgument)
    .option('--reason <text>', 'why, for the record')
    .option('--yes', 'do not ask')
    .action((prefix: string, options: Options) =>
      onDeployment(options, async (deployment) => {
        const { name, ownerId } = await deployment.keys.get(prefix);
        const whose = ownerId === null ? '' : ` of ${ownerId}`;
        await confirmed(`Revoke "${printable(name)}"${whose} (${prefix})? This cannot be undone.`, options);
        const key = await deployment.keys.revoke(prefix, { reason: options.reason });
        if (key.caches.failed.length > 0) process.exitCode = EXIT.refused;
        if (options.json === true) printJson(key);
        else {
          print(keyDetails(key));
          noteCaches(key.caches, 'the key', `latchkey revoke ${prefix}`);
        }
      }),
    );
}
