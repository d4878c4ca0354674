import type { Command } from 'commander';
import { prefixArgument } from '../arguments.ts';
import { withDeployment, type DeploymentOptions } from '../deployment/options.ts';
import { note, print, printJson } from '../output/screen.ts';
import { usageTable } from '../output/usage.ts';
import { describedCommand } from './command.ts';

interface Options extends DeploymentOptions {
  readonly from?: string;
  readonly to?: string;
  readonly json?: true;
}

export function usageCommand(): Command {
  return describedCommand('usage', 'Show a key’s usage by day and route.', [
    'usage 4fQ9aZ0bT1xW',
    'usage 4fQ9aZ0bT1xW --from 2027-01-01 --to 2027-01-31 --json | jq .requests',
  ])
    .argument('<prefix>', 'prefix of the key', prefixArgument)
    .option('--from <day>', 'first day in UTC, such as 2027-01-01 (default: 29 days before the last day)')
    .option('--to <day>', 'last day in UTC (default: today)')
    .action((prefix: string, { from, to, ...options }: Options) =>
      withDeployment(options, async (deployment) => {
        const usage = await deployment.keys.usage(prefix, { from, to });
        if (options.json === true) printJson(usage);
        else if (usage.requests === 0) note(`No requests between ${usage.from} and ${usage.to}.`);
        else print(usageTable(usage));
      }),
    );
}
