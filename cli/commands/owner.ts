import { userInfo } from 'node:os';
import type { Command } from 'commander';
import { ownerArgument } from '../arguments.ts';
import { withDeployment, type DeploymentOptions } from '../deployment/options.ts';
import { EXIT } from '../errors.ts';
import { isUnflushed, noteCaches } from '../output/caches.ts';
import { confirm } from '../output/confirm.ts';
import { ownerDetails } from '../output/owner.ts';
import { print, printJson } from '../output/screen.ts';
import { describedCommand } from './command.ts';

interface Options extends DeploymentOptions {
  readonly reason?: string;
  readonly by?: string;
  readonly yes?: true;
  readonly json?: true;
}

export function suspendCommand(): Command {
  return describedCommand('suspend', 'Suspend an owner. All of its keys stop working until you resume it.', [
    'suspend acme --reason "invoice 4711 unpaid"',
    'suspend acme --by "support, ticket 99" --yes --json',
  ])
    .argument('<owner>', 'id of the owner', ownerArgument)
    .option('--reason <text>', 'reason, for the record')
    .option('--by <who>', 'who suspends the owner, for the record (default: your user name)')
    .option('--yes', 'skip the confirmation')
    .action((ownerId: string, { reason, by = userInfo().username, ...options }: Options) =>
      withDeployment(options, async ({ keys }) => {
        await confirm(`Suspend ${ownerId}? All of its keys stop working until you resume it.`, options);
        const owner = await keys.suspend(ownerId, { reason, by });
        if (isUnflushed(owner.caches)) process.exitCode = EXIT.refused;
        if (options.json === true) printJson(owner);
        else {
          print(ownerDetails(owner));
          noteCaches(owner.caches, 'its keys', `latchkey suspend ${ownerId}`);
        }
      }),
    );
}

export function resumeCommand(): Command {
  return describedCommand('resume', 'Resume a suspended owner. Its active keys work again.', [
    'resume acme',
    'resume acme --json',
  ])
    .argument('<owner>', 'id of the owner', ownerArgument)
    .option('--by <who>', 'who resumes the owner, for the record (default: your user name)')
    .action((ownerId: string, { by = userInfo().username, ...options }: Options) =>
      withDeployment(options, async ({ keys }) => {
        const owner = await keys.resume(ownerId, { by });
        if (options.json === true) printJson(owner);
        else print(ownerDetails(owner));
      }),
    );
}

export function ownerCommand(): Command {
  return describedCommand('owner', 'Show whether an owner is suspended.', ['owner acme', 'owner acme --json'])
    .argument('<owner>', 'id of the owner', ownerArgument)
    .action((ownerId: string, options: Options) =>
      withDeployment(options, async ({ keys }) => {
        const owner = await keys.owner(ownerId);
        if (options.json === true) printJson(owner);
        else print(ownerDetails(owner));
      }),
    );
}
