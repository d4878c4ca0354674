import type { Command } from 'commander';
import { prefixArgument } from '../arguments.ts';
import { withDeployment, type DeploymentOptions } from '../deployment/options.ts';
import { keyDetails } from '../output/key.ts';
import { print, printJson } from '../output/screen.ts';
import { deploymentCommand } from './command.ts';

export function showCommand(): Command {
  return deploymentCommand('show', 'Show a key.', ['show 4fQ9aZ0bT1xW', 'show 4fQ9aZ0bT1xW --json'])
    .argument('<prefix>', 'prefix of the key', prefixArgument)
    .action((prefix: string, options: DeploymentOptions & { readonly json?: true }) =>
      withDeployment(options, async (deployment) => {
        const key = await deployment.keys.get(prefix);
        if (options.json === true) printJson(key);
        else print(keyDetails(key));
      }),
    );
}
