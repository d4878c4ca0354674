import { GetAccountCommand, APIGatewayClient, UpdateAccountCommand } from '@aws-sdk/client-api-gateway';
import {
  CloudFormationClient,
  DeleteStackCommand,
  DescribeStacksCommand,
  waitUntilStackDeleteComplete,
} from '@aws-sdk/client-cloudformation';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { emulatedAccount } from '../deploy/ministack.ts';
import { sendSigned, type Endpoint, type Signer } from '../acceptance/http.ts';
import { endpoint } from '../acceptance/stack.ts';

/** The longest time that CloudFormation may take to delete the stack, in seconds. */
const DELETE_SECONDS = 1800;

/** An AWS account and Region, or MiniStack if `AWS_ENDPOINT_URL` is set. */
export interface Account {
  readonly aws: Signer & { readonly endpoint?: string };
  readonly isEmulated: boolean;
  /** Returns the endpoint of the API that AWS serves at this URL. */
  readonly endpointOf: (url: string) => Endpoint;
}

/** @param region such as `eu-west-1` */
export function accountIn(region: string): Account {
  const emulator = process.env['AWS_ENDPOINT_URL'];
  if (emulator === undefined)
    return { aws: { region, credentials: defaultProvider() }, isEmulated: false, endpointOf: endpoint };
  const { aws, endpointOf } = emulatedAccount(emulator);
  return { aws: { ...aws, region }, isEmulated: true, endpointOf };
}

/** The 12-digit ID of the account that the credentials belong to. */
export async function accountIdOf({ aws }: Account): Promise<string> {
  const sts = new STSClient(aws);
  try {
    return (await sts.send(new GetCallerIdentityCommand())).Account ?? '';
  } finally {
    sts.destroy();
  }
}

/** Whether the account has a role with which API Gateway writes logs in this Region. */
export async function hasLogRole({ aws }: Account): Promise<boolean> {
  const apiGateway = new APIGatewayClient(aws);
  try {
    return ((await apiGateway.send(new GetAccountCommand())).cloudwatchRoleArn ?? '') !== '';
  } finally {
    apiGateway.destroy();
  }
}

/** Removes the account's log role from the settings of API Gateway. */
export async function removeLogRole({ aws }: Account): Promise<void> {
  const apiGateway = new APIGatewayClient(aws);
  const patchOperations = [{ op: 'replace' as const, path: '/cloudwatchRoleArn', value: '' }];
  try {
    await apiGateway.send(new UpdateAccountCommand({ patchOperations }));
  } finally {
    apiGateway.destroy();
  }
}

/**
 * Deletes the stack with all its resources, regardless of its state.
 *
 * @throws {Error} if CloudFormation can't delete it
 */
export async function deleteStack({ aws }: Account, stackName: string): Promise<void> {
  const client = new CloudFormationClient(aws);
  try {
    // The ID, because a deleted stack can't be found by its name.
    const id = await client.send(new DescribeStacksCommand({ StackName: stackName })).then(
      ({ Stacks: [stack] = [] }) => stack?.StackId,
      (error: unknown) => {
        if (error instanceof Error && error.message.includes('does not exist')) return undefined;
        throw error;
      },
    );
    if (id === undefined) return;
    await client.send(new DeleteStackCommand({ StackName: id }));
    await waitUntilStackDeleteComplete({ client, maxWaitTime: DELETE_SECONDS }, { StackName: id });
  } finally {
    client.destroy();
  }
}

/**
 * Calls CloudWatch Logs, for which the project has no SDK client.
 *
 * @throws {Error} with the response, if it is not 200
 */
export async function cloudWatchLogs({ aws }: Account, operation: string, input: object): Promise<unknown> {
  const { status, body } = await sendSigned(
    { url: aws.endpoint ?? `https://logs.${aws.region}.amazonaws.com` },
    {
      method: 'POST',
      path: '/',
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `Logs_20140328.${operation}` },
      body: JSON.stringify(input),
    },
    { ...aws, service: 'logs' },
  );
  if (status !== 200) throw new Error(`${operation}: ${String(status)} ${JSON.stringify(body)}`);
  return body;
}

/** Deletes the execution logs that API Gateway itself created for REST stages. */
export async function deleteExecutionLogs(account: Account, apiIds: readonly string[]): Promise<void> {
  for (const apiId of apiIds) {
    const { logGroups = [] } = (await cloudWatchLogs(account, 'DescribeLogGroups', {
      logGroupNamePrefix: `API-Gateway-Execution-Logs_${apiId}/`,
    })) as { logGroups?: { logGroupName: string }[] };
    for (const { logGroupName } of logGroups) await cloudWatchLogs(account, 'DeleteLogGroup', { logGroupName });
  }
}
