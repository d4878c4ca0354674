import {
  CloudFormationClient,
  DescribeStacksCommand,
  type CloudFormationClientConfig,
} from '@aws-sdk/client-cloudformation';
import { functionOutput, OPERATION_NAMES } from '../../../src/management/operations.ts';
import type { Endpoint } from './http.ts';
import type { Place } from './place.ts';

/** The construct's default. */
const CACHE_TTL_SECONDS = 60;

export type Outputs = Readonly<Record<string, string>>;

/** The outputs of a deployed stack. */
export async function outputsOf(stackName: string, aws: CloudFormationClientConfig): Promise<Outputs> {
  const client = new CloudFormationClient(aws);
  try {
    const { Stacks: [stack] = [] } = await client.send(new DescribeStacksCommand({ StackName: stackName }));
    const outputs = (stack?.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]);
    return Object.fromEntries(outputs) as Outputs;
  } finally {
    client.destroy();
  }
}

/** Returns the value of a required output. */
export function output(outputs: Outputs, name: string): string {
  const value = outputs[name];
  if (value === undefined) throw new Error(`the stack has no output ${name}`);
  return value;
}

/**
 * Returns the place of a deployed `LatchkeyStack`.
 *
 * @param endpointOf returns the endpoint for the URL of an API
 */
export function placeOfStack(
  outputs: Outputs,
  options: Pick<Place, 'aws'> & { readonly endpointOf: (url: string) => Endpoint },
): Place {
  const { aws, endpointOf } = options;
  // Operations that the deployment does not enable have no output.
  const names = OPERATION_NAMES.flatMap((operation) => {
    const name = outputs[functionOutput(operation)];
    return name === undefined ? [] : [[operation, name]];
  });
  return {
    sample: endpointOf(output(outputs, 'SampleApiUrl')),
    admin: endpointOf(output(outputs, 'AdminApiUrl')),
    functionNames: Object.fromEntries(names) as Place['functionNames'],
    aws,
    cacheTtlSeconds: CACHE_TTL_SECONDS,
  };
}

/** Returns the URL without the slash at its end. */
export function endpoint(url: string): Endpoint {
  return { url: url.replace(/\/$/, '') };
}
