import type { Command } from 'commander';
import { callerIdentity } from '../deployment/identity.ts';
import { localUrl, stackLocation, type DeploymentOptions } from '../deployment/options.ts';
import { findStack } from '../deployment/stack.ts';
import { print, printJson } from '../output/screen.ts';
import { detailsOf } from '../output/table.ts';
import { describedCommand } from './command.ts';

export function whoamiCommand(): Command {
  return describedCommand('whoami', 'Show your AWS identity and the deployment that commands use.', [
    'whoami',
    'whoami --profile support --json',
  ]).action(async (options: DeploymentOptions & { readonly json?: true }) => {
    const url = localUrl(options);
    const result = url === undefined ? await inAccount(options) : { endpoint: url };
    if (options.json === true) printJson(result);
    else print(detailsOf(Object.entries(result).map(([name, value]) => [TITLES[name] ?? name, value] as const)));
  });
}

const TITLES: Readonly<Record<string, string>> = {
  endpoint: 'Local server',
  identity: 'Identity',
  account: 'Account',
  region: 'Region',
  stack: 'Stack',
  status: 'Status',
};

async function inAccount(options: DeploymentOptions) {
  const location = stackLocation(options);
  const { arn, account } = await callerIdentity(location);
  const { region, status } = await findStack(location);
  return { identity: arn, account, region, stack: location.stack, status };
}
