import type { Command } from 'commander';
import type { Deployment } from './deployment.ts';
import { LOCAL_URL, localDeployment } from './local.ts';
import { stackDeployment, type StackLocation } from './stack.ts';

/** The options that select a deployment. */
export interface DeploymentOptions {
  readonly stack?: string;
  readonly region?: string;
  readonly profile?: string;
  readonly local?: true;
  readonly endpoint?: string;
}

const DEFAULT_STACK = 'Latchkey';

/** Adds the options that select a deployment to a command. */
export function addDeploymentOptions(command: Command): Command {
  return command
    .optionsGroup('Connection:')
    .option('--stack <name>', `CloudFormation stack (default: LATCHKEY_STACK, or ${DEFAULT_STACK})`)
    .option('--region <region>', 'AWS Region (default: as in the AWS CLI)')
    .option('--profile <name>', 'AWS profile (default: as in the AWS CLI)')
    .option('--local', `the deployment that "npm start" runs at ${LOCAL_URL}`)
    .option('--endpoint <url>', 'the same at another admin URL (default: LATCHKEY_ENDPOINT)');
}

/** Returns the URL of the local server if the options select one. Flags take precedence over the environment. */
export function localUrl({ stack, region, profile, local, endpoint }: DeploymentOptions): string | undefined {
  if (endpoint !== undefined) return endpoint;
  if (local === true) return LOCAL_URL;
  const inAccount = [stack, region, profile].some((flag) => flag !== undefined);
  return inAccount ? undefined : process.env['LATCHKEY_ENDPOINT'];
}

export function stackLocation({ stack, region, profile }: DeploymentOptions): StackLocation {
  return { stack: stack ?? process.env['LATCHKEY_STACK'] ?? DEFAULT_STACK, region, profile };
}

/** Connects to the deployment of the options, and closes it after use. */
export async function withDeployment<Result>(
  options: DeploymentOptions,
  use: (deployment: Deployment) => Promise<Result>,
): Promise<Result> {
  const url = localUrl(options);
  const deployment = url === undefined ? await stackDeployment(stackLocation(options)) : localDeployment(url);
  try {
    return await use(deployment);
  } finally {
    deployment.close();
  }
}
