import type { Command } from 'commander';
import { withDeployment, type DeploymentOptions } from '../deployment/options.ts';
import { settingsDetails } from '../output/settings.ts';
import { print, printJson } from '../output/screen.ts';
import { describedCommand } from './command.ts';

export function settingsCommand(): Command {
  return describedCommand('settings', 'Show the label, plans and attributes of a deployment.', [
    'settings',
    'settings --json | jq .attributes',
  ]).action((options: DeploymentOptions & { readonly json?: true }) =>
    withDeployment(options, async ({ keys }) => {
      const settings = await keys.settings();
      if (options.json === true) printJson(settings);
      else print(settingsDetails(settings));
    }),
  );
}
