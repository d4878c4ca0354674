import type { Command } from 'commander';
import { prefixArgument } from '../arguments.ts';
import { onDeployment, type DeploymentOptions } from '../deployment/options.ts';
import { keyDetails } from '../output/key.ts';
import { print, printJson } from '../output/screen.ts';
import { deploymentCommand } from './command.ts';

export function showCommand(): Command {
  return deploymentCommand('show', 'Show a key.', ['show 4fQ9aZ0bT1xW', 'show 4fQ9aZ0bT1xW --json'])
    .argument('<prefix>', "the key's prefix", prefixArgument)
    .action((prefix: string, options: DeploymentOptions & { readonly json?: true }) =>
      onDeployment(options, async (deployment) => {
        const key = await deployment.keys.get(prefix);
        if (options.json === true) printJson(key);
        else print(keyDetails(key));
      }),
    );
}
