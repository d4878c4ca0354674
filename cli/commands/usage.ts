import type { Command } from 'commander';
import { prefixArgument } from '../arguments.ts';
import { onDeployment, type DeploymentOptions } from '../deployment/options.ts';
import { note, print, printJson } from '../output/screen.ts';
import { usageTable } from '../output/usage.ts';
import { deploymentCommand } from './command.ts';

interface Options extends DeploymentOptions {
  readonly from?: string;
  readonly to?: string;
  readonly json?: true;
}

export function usageCommand(): Command {
  return deploymentCommand('usage', 'Tell what a key was used for, by day and route.', [
    'usage 4fQ9aZ0bT1xW',
    'usage 4fQ9aZ0bT1xW --from 2027-01-01 --to 2027-01-31 --json | jq .requests',
  ])
    .argument('<prefix>', "the key's prefix", prefixArgument)
    .option('--from <day>', 'the first day, in UTC, such as 2027-01-01 (default: 30 days with the last)')
    .option('--to <day>', 'the last day, in UTC (default: today)')
    .action((prefix: string, { from, to, ...options }: Options) =>
      onDeployment(options, async (deployment) => {
        const usage = await deployment.keys.usage(prefix, { from, to });
        if (options.json === true) printJson(usage);
        else if (usage.requests === 0) note(`Not used from ${usage.from} to ${usage.to}.`);
        else print(usageTable(usage));
      }),
    );
}
