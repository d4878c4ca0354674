import { userInfo } from 'node:os';
import type { Command } from 'commander';
import { ownerArgument } from '../arguments.ts';
import { onDeployment, type DeploymentOptions } from '../deployment/options.ts';
import { EXIT } from '../errors.ts';
import { isUnflushed, noteCaches } from '../output/caches.ts';
import { confirmed } from '../output/confirm.ts';
import { ownerDetails } from '../output/owner.ts';
import { print, printJson } from '../output/screen.ts';
import { deploymentCommand } from './command.ts';

interface Options extends DeploymentOptions {
  readonly reason?: string;
  readonly by?: string;
  readonly yes?: true;
  readonly json?: true;
}

export function suspendCommand(): Command {
  return deploymentCommand('suspend', 'Suspend an owner: all of its keys stop working, until it is resumed.', [
    'suspend acme --reason "invoice 4711 unpaid"',
    'suspend acme --by "support, ticket 99" --yes --json',
  ])
    .argument('<owner>', "the owner's id", ownerArgument)
    .option('--reason <text>', 'why, for the record')
    .option('--by <who>', 'who does this, for the record (default: your user name)')
    .option('--yes', 'do not ask')
    .action((ownerId: string, { reason, by = userInfo().username, ...options }: Options) =>
      onDeployment(options, async ({ keys }) => {
        await confirmed(`Suspend ${ownerId}? All of its keys stop working, until it is resumed.`, options);
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
  return deploymentCommand('resume', "Lift an owner's suspension: its keys are again what they were.", [
    'resume acme',
    'resume acme --json',
  ])
    .argument('<owner>', "the owner's id", ownerArgument)
    .option('--by <who>', 'who does this, for the record (default: your user name)')
    .action((ownerId: string, { by = userInfo().username, ...options }: Options) =>
      onDeployment(options, async ({ keys }) => {
        const owner = await keys.resume(ownerId, { by });
        if (options.json === true) printJson(owner);
        else print(ownerDetails(owner));
      }),
    );
}

export function ownerCommand(): Command {
  return deploymentCommand('owner', 'Show whether an owner is suspended.', ['owner acme', 'owner acme --json'])
    .argument('<owner>', "the owner's id", ownerArgument)
    .action((ownerId: string, options: Options) =>
      onDeployment(options, async ({ keys }) => {
        const owner = await keys.owner(ownerId);
        if (options.json === true) printJson(owner);
        else print(ownerDetails(owner));
      }),
    );
}
