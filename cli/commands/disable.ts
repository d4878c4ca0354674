import { userInfo } from 'node:os';
import type { Command } from 'commander';
import { prefixArgument } from '../arguments.ts';
import { withDeployment, type DeploymentOptions } from '../deployment/options.ts';
import { EXIT } from '../errors.ts';
import { isUnflushed, noteCaches } from '../output/caches.ts';
import { confirm } from '../output/confirm.ts';
import { keyDetails } from '../output/key.ts';
import { note, print, printJson } from '../output/screen.ts';
import { describedCommand } from './command.ts';

interface Options extends DeploymentOptions {
  readonly reason?: string;
  readonly by?: string;
  readonly yes?: true;
  readonly json?: true;
}

export function disableCommand(): Command {
  return describedCommand('disable', 'Disable a key until you enable it again.', [
    'disable 4fQ9aZ0bT1xW --reason "invoice 4711 unpaid"',
    'disable 4fQ9aZ0bT1xW --yes --json',
  ])
    .argument('<prefix>', 'prefix of the key', prefixArgument)
    .option('--reason <text>', 'the reason, which is stored with the key')
    .option('--by <name>', 'who disables the key (default: your user name)')
    .option('--yes', 'do not ask for confirmation')
    .action((prefix: string, { reason, by = userInfo().username, ...options }: Options) =>
      withDeployment(options, async ({ keys }) => {
        const { name, ownerId } = await keys.get(prefix);
        const owner = ownerId === null ? '' : ` of ${ownerId}`;
        await confirm(
          `Disable "${name}"${owner} (${prefix})? Requests with the key are rejected until you enable it.`,
          options,
        );
        const { caches, ...record } = await keys.disable(prefix, { reason, by });
        if (isUnflushed(caches)) process.exitCode = EXIT.refused;
        if (options.json === true) printJson({ ...record, caches });
        else {
          print(keyDetails(record));
          noteCaches(caches, 'the key', `latchkey disable ${prefix}`);
        }
      }),
    );
}

export function enableCommand(): Command {
  return describedCommand('enable', 'Enable a disabled key.', ['enable 4fQ9aZ0bT1xW', 'enable 4fQ9aZ0bT1xW --json'])
    .argument('<prefix>', 'prefix of the key', prefixArgument)
    .action((prefix: string, options: Options) =>
      withDeployment(options, async ({ keys }) => {
        const record = await keys.enable(prefix);
        if (options.json === true) printJson(record);
        else {
          print(keyDetails(record));
          note('A cached result can reject the key for up to the cache TTL.');
        }
      }),
    );
}
