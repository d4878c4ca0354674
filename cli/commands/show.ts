import type { Command } from 'commander';
import { prefixArgument } from '../arguments.ts';
import { withDeployment, type DeploymentOptions } from '../deployment/options.ts';
import { addFieldsOption, selectFields } from '../fields.ts';
import { keyDetails } from '../output/key.ts';
import { print, printJson } from '../output/screen.ts';
import { describedCommand } from './command.ts';

interface Options extends DeploymentOptions {
  readonly fields?: readonly string[];
  readonly json?: true;
}

export function showCommand(): Command {
  const command = describedCommand('show', 'Show a key.', [
    'show 4fQ9aZ0bT1xW',
    'show 4fQ9aZ0bT1xW --json --fields status,expiresAt',
  ])
    .alias('get')
    .argument('<prefix>', 'prefix of the key', prefixArgument);
  return addFieldsOption(command).action((prefix: string, options: Options) =>
    withDeployment(options, async (deployment) => {
      const key = await deployment.keys.get(prefix);
      if (options.json === true) printJson(selectFields(key, options.fields));
      else print(keyDetails(key));
    }),
  );
}
