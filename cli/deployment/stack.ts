import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { CloudFormationClient, DescribeStacksCommand, type Stack } from '@aws-sdk/client-cloudformation';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { functionOutput, outputAdvice } from '../../src/management/operations.ts';
import { unreachable } from '../errors.ts';
import { awsProblem } from './aws-problem.ts';
import { lambdaDeployment, type Deployment } from './deployment.ts';

/** A stack, its Region, and the AWS profile to use. */
export interface StackLocation {
  readonly stack: string;
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
}

/** The configuration of AWS SDK clients. */
export interface ClientConfig {
  readonly region?: string;
  readonly profile?: string;
  readonly requestHandler: NodeHttpHandler;
}

/** Returns the configuration of AWS SDK clients. They use the proxy of HTTPS_PROXY, HTTP_PROXY and NO_PROXY, as the AWS CLI does. */
export function clientConfig({ region, profile }: StackLocation): ClientConfig {
  const agentOptions = { keepAlive: true, proxyEnv: process.env };
  return {
    ...(region === undefined ? {} : { region }),
    ...(profile === undefined ? {} : { profile }),
    requestHandler: new NodeHttpHandler({
      httpAgent: new HttpAgent(agentOptions),
      httpsAgent: new HttpsAgent(agentOptions),
    }),
  };
}

/** A stack, with its outputs by name. */
export interface FoundStack {
  readonly region: string;
  readonly status: string;
  readonly outputs: ReadonlyMap<string, string>;
}

/** @throws {CommandError} if the stack doesn't exist, or CloudFormation can't be reached */
export async function findStack(location: StackLocation): Promise<FoundStack> {
  const client = new CloudFormationClient(clientConfig(location));
  try {
    const region = await client.config.region();
    const [stack] = await describe(client, location, region);
    if (stack === undefined) throw missing(location, region);
    return {
      region,
      status: stack.StackStatus ?? 'unknown',
      outputs: new Map((stack.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue])),
    };
  } catch (error) {
    throw awsProblem(error, `look for the stack ${location.stack}`);
  } finally {
    client.destroy();
  }
}

async function describe(client: CloudFormationClient, location: StackLocation, region: string): Promise<Stack[]> {
  try {
    return (await client.send(new DescribeStacksCommand({ StackName: location.stack }))).Stacks ?? [];
  } catch (error) {
    if (error instanceof Error && error.message.includes('does not exist')) throw missing(location, region);
    throw error;
  }
}

/** Returns the deployment of a stack. */
export async function stackDeployment(location: StackLocation): Promise<Deployment> {
  const { outputs, region } = await findStack(location);
  return lambdaDeployment({
    client: new LambdaClient({ ...clientConfig(location), region }),
    where: `the stack ${location.stack} in ${region}`,
    place: { stackName: location.stack, region, usage: outputs.has(functionOutput('usage')) },
    functionName: (operation) => {
      const name = outputs.get(functionOutput(operation));
      if (name !== undefined) return name;
      throw unreachable(
        `The stack ${location.stack} in ${region} has no output ${functionOutput(operation)}. ${outputAdvice(operation)}`,
      );
    },
  });
}

function missing({ stack }: StackLocation, region: string) {
  return unreachable(
    `The stack ${stack} doesn't exist in ${region}. Deploy it with "npx cdk deploy", select another with --stack or --region, or use --local with "npm start".`,
  );
}
