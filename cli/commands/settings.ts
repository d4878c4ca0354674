import type { Command } from 'commander';
import { onDeployment, type DeploymentOptions } from '../deployment/options.ts';
import { settingsDetails } from '../output/settings.ts';
import { print, printJson } from '../output/screen.ts';
import { deploymentCommand } from './command.ts';

export function settingsCommand(): Command {
  return deploymentCommand('settings', 'Tell what the keys of a deployment can be: label, plans, attributes.', [
    'settings',
    'settings --json | jq .attributes',
  ]).action((options: DeploymentOptions & { readonly json?: true }) =>
    onDeployment(options, async ({ keys }) => {
      const settings = await keys.settings();
      if (options.json === true) printJson(settings);
      else print(settingsDetails(settings));
    }),
  );
}
