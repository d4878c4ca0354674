import type { Command } from 'commander';
import type { Deployment } from './deployment.ts';
import { LOCAL_URL, localDeployment } from './local.ts';
import { stackDeployment, type StackLocation } from './stack.ts';

/** The options that say which deployment a command is about. */
export interface DeploymentOptions {
  readonly stack?: string;
  readonly region?: string;
  readonly profile?: string;
  readonly local?: true;
  readonly endpoint?: string;
}

const DEFAULT_STACK = 'Latchkey';

/** Adds them to a command. */
export function withDeployment(command: Command): Command {
  return command
    .option('--stack <name>', `the CloudFormation stack (or LATCHKEY_STACK; default ${DEFAULT_STACK})`)
    .option('--region <region>', 'the AWS Region (default: as the AWS CLI finds it)')
    .option('--profile <name>', 'the AWS profile (default: as the AWS CLI finds it)')
    .option('--local', `what "npm start" runs on this machine, at ${LOCAL_URL}`)
    .option('--endpoint <url>', 'what "npm start" runs, at another admin URL (or LATCHKEY_ENDPOINT)');
}

/** The URL of a local server, if that is what is meant. Any flag that says where goes before the environment. */
export function localUrl({ stack, region, profile, local, endpoint }: DeploymentOptions): string | undefined {
  if (endpoint !== undefined) return endpoint;
  if (local === true) return LOCAL_URL;
  const inAccount = [stack, region, profile].some((flag) => flag !== undefined);
  return inAccount ? undefined : process.env['LATCHKEY_ENDPOINT'];
}

export function stackLocation({ stack, region, profile }: DeploymentOptions): StackLocation {
  return { stack: stack ?? process.env['LATCHKEY_STACK'] ?? DEFAULT_STACK, region, profile };
}

/** Finds the deployment, lets a command use it, and closes it. */
export async function onDeployment<Result>(
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
