import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { awsProblem } from './aws-problem.ts';
import { clientConfig, type StackLocation } from './stack.ts';

/** Returns the AWS identity of the user's credentials. */
export async function callerIdentity(location: StackLocation): Promise<{ arn: string; account: string }> {
  const client = new STSClient(clientConfig(location));
  try {
    const { Arn = 'unknown', Account = 'unknown' } = await client.send(new GetCallerIdentityCommand());
    return { arn: Arn, account: Account };
  } catch (error) {
    throw awsProblem(error, 'get your AWS identity');
  } finally {
    client.destroy();
  }
}
