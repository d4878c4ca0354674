import { randomBytes } from 'node:crypto';
import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import {
  jsonSchemaOf,
  type AttributesInputOf,
  type AttributesJsonSchema,
  type AttributesOf,
  type AttributesSchema,
} from '../core/attributes/attributes.ts';
import { isLabel, LABEL_ACCEPTS } from '../core/keys/key.ts';
import type { Metadata } from '../core/keys/record.ts';
import { DEFAULT_MANAGEMENT_SETTINGS, type ManagementSettings } from '../gateway/settings.ts';
import { functionOutput, outputAdvice, type OperationName } from '../management/operations.ts';
import { keyClientOver, type CallOperation, type KeyClient } from './key-client.ts';
import { explainMissingPackages } from './missing-packages.ts';

interface Typed<Schema extends AttributesSchema> {
  /** The schema that the construct was given, for the types; over a table also to check what is written. */
  readonly attributes?: Schema | undefined;
}

/**
 * Keys in their table, directly: for seeds, tests, and back ends that may write the table. All that the construct
 * was told of its keys must be told here too. It flushes no cache of API Gateway.
 */
export interface TableOptions<Schema extends AttributesSchema = AttributesSchema>
  extends Typed<Schema>, Partial<Omit<ManagementSettings, 'attributes'>> {
  readonly tableName: string;
  /** The table of `Usage`. @default usage cannot be asked for */
  readonly usageTableName?: string | undefined;
  /** @default one that finds Region and credentials as the AWS SDK does */
  readonly dynamodb?: DynamoDBDocumentClient | undefined;
}

/** Options to manage keys through the functions of a deployment. The caller needs permission to invoke them. */
export interface FunctionOptions<Schema extends AttributesSchema = AttributesSchema> extends Typed<Schema> {
  /** Names or ARNs of the functions of the operations that are used: `keys.functions.create.functionName`. */
  readonly functionNames: Partial<Record<OperationName, string>>;
  /** @default one that finds Region and credentials as the AWS SDK does */
  readonly lambda?: LambdaClient | undefined;
}

/** Keys through the management functions of a stack, found by its outputs: see `ApiKeys.addOutputs()`. */
export interface StackOptions<Schema extends AttributesSchema = AttributesSchema> extends Typed<Schema> {
  readonly stackName: string;
  /** @default one that finds Region and credentials as the AWS SDK does */
  readonly cloudFormation?: CloudFormationClient | undefined;
  /** @default one that finds Region and credentials as the AWS SDK does */
  readonly lambda?: LambdaClient | undefined;
}

/** Where the keys are to be had. */
export type KeyClientOptions<Schema extends AttributesSchema = AttributesSchema> =
  TableOptions<Schema> | FunctionOptions<Schema> | StackOptions<Schema>;

/** What metadata is of, where no schema says more. */
type AnyMetadata = AttributesSchema<Metadata> & {
  readonly '~standard': { readonly types?: { readonly input: Metadata; readonly output: Metadata } | undefined };
};

/**
 * A client of the management operations: on the table itself, or through the functions of a deployment. It connects on
 * its first call, and loads only those of the AWS SDK's clients that it needs.
 *
 * @throws {TypeError} if the construct would reject `attributes` (except for their size) or `label`
 * @example
 * const keys = createKeyClient({ stackName: 'Orders', attributes });
 * const { key } = await keys.create({ name: 'Checkout', ownerId: 'acme', metadata: { tenant: 'acme' } });
 * @example
 * const seed = createKeyClient({ tableName: 'keys-of-a-test', label: 'acme_test' });
 */
export function createKeyClient<Schema extends AttributesSchema = AnyMetadata>(
  options: KeyClientOptions<Schema>,
): KeyClient<AttributesOf<Schema>, AttributesInputOf<Schema>> {
  const connect = connectionOf(options, options.attributes && jsonSchemaOf(options.attributes));
  let connected: Promise<CallOperation> | undefined;
  return keyClientOver(async (operation, input, callOptions) => {
    // A failed connection is not kept: the next call tries again.
    connected ??= connect().catch((error: unknown) => {
      connected = undefined;
      throw explainMissingPackages(error, options);
    });
    const call = await connected;
    return call(operation, input, callOptions);
  });
}

function connectionOf(
  options: KeyClientOptions,
  attributes: AttributesJsonSchema | undefined,
): () => Promise<CallOperation> {
  if ('tableName' in options) return tableConnection(options, attributes);
  return 'stackName' in options ? stackConnection(options) : functionConnection(options);
}

function tableConnection(
  { tableName, usageTableName, dynamodb, attributes: _schema, ...given }: TableOptions,
  attributes: AttributesJsonSchema | undefined,
) {
  const settings: ManagementSettings = { ...DEFAULT_MANAGEMENT_SETTINGS, ...given, attributes };
  if (!isLabel(settings.label))
    throw new TypeError(`"${settings.label}" is not a key label; accepted: ${LABEL_ACCEPTS}`);
  return async () => {
    const [{ documentClient }, { DynamoKeyStore }, { UsageStore }, { overTable }] = await Promise.all([
      import('../storage/client.ts'),
      import('../storage/dynamo.ts'),
      import('../usage/usage-store.ts'),
      import('./table-transport.ts'),
    ]);
    const client = dynamodb ?? documentClient();
    const keys = new DynamoKeyStore({ client, tableName, retentionSeconds: settings.retentionSeconds });
    const usage = usageTableName === undefined ? undefined : new UsageStore({ client, tableName: usageTableName });
    return overTable({ settings, keys, now: Date.now, randomBytes }, usage);
  };
}

function functionConnection({ functionNames, lambda }: FunctionOptions) {
  return async () => {
    const { overFunctions } = await import('./functions-transport.ts');
    return overFunctions(lambda ?? (await newLambdaClient()), (operation) => {
      const name = functionNames[operation];
      if (name === undefined) throw new TypeError(`functionNames has no function for ${operation}`);
      return name;
    });
  };
}

function stackConnection({ stackName, cloudFormation, lambda }: StackOptions) {
  return async () => {
    const { CloudFormationClient, DescribeStacksCommand } = await import('@aws-sdk/client-cloudformation');
    const client = cloudFormation ?? new CloudFormationClient();
    const { Stacks: [stack] = [] } = await client.send(new DescribeStacksCommand({ StackName: stackName }));
    const outputs = new Map(stack?.Outputs?.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
    const { overFunctions } = await import('./functions-transport.ts');
    return overFunctions(lambda ?? (await newLambdaClient()), (operation) => {
      const name = outputs.get(functionOutput(operation));
      if (name !== undefined) return name;
      throw new TypeError(
        `The stack ${stackName} has no output ${functionOutput(operation)}. ${outputAdvice(operation)}`,
      );
    });
  };
}

async function newLambdaClient(): Promise<LambdaClient> {
  const { LambdaClient } = await import('@aws-sdk/client-lambda');
  return new LambdaClient();
}
