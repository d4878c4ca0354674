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
  /** The schema that the construct has as `attributes`. It determines the types. A client on a table also validates with it. */
  readonly attributes?: Schema | undefined;
}

/**
 * Options to manage keys in their table, without the functions: for seeds, tests, and back ends with write access to the
 * table. Pass the same settings as to the construct. The client doesn't flush authorizer caches.
 */
export interface TableOptions<Schema extends AttributesSchema = AttributesSchema>
  extends Typed<Schema>, Partial<Omit<ManagementSettings, 'attributes'>> {
  readonly tableName: string;
  /** The name of the table of `Usage`. @default the method `usage` is not available */
  readonly usageTableName?: string | undefined;
  /** @default a client with the Region and credentials that the AWS SDK finds */
  readonly dynamodb?: DynamoDBDocumentClient | undefined;
}

/** Options to manage keys through the functions of a deployment. The caller needs permission to invoke them. */
export interface FunctionOptions<Schema extends AttributesSchema = AttributesSchema> extends Typed<Schema> {
  /** The name or ARN of the function of each operation that you use: `keys.functions.create.functionName`. */
  readonly functionNames: Partial<Record<OperationName, string>>;
  /** @default a client with the Region and credentials that the AWS SDK finds */
  readonly lambda?: LambdaClient | undefined;
}

/** Options to manage keys through the functions of a stack, which its outputs name: see `ApiKeys.addOutputs()`. */
export interface StackOptions<Schema extends AttributesSchema = AttributesSchema> extends Typed<Schema> {
  readonly stackName: string;
  /** @default a client with the Region and credentials that the AWS SDK finds */
  readonly cloudFormation?: CloudFormationClient | undefined;
  /** @default a client with the Region and credentials that the AWS SDK finds */
  readonly lambda?: LambdaClient | undefined;
}

/** The options of {@link createKeyClient}: a table, functions, or a stack. */
export type KeyClientOptions<Schema extends AttributesSchema = AttributesSchema> =
  TableOptions<Schema> | FunctionOptions<Schema> | StackOptions<Schema>;

/** The schema that stands for any metadata, if the options have no `attributes`. */
type AnyMetadata = AttributesSchema<Metadata> & {
  readonly '~standard': { readonly types?: { readonly input: Metadata; readonly output: Metadata } | undefined };
};

/**
 * Returns a client of the management operations: on the table itself, or through the functions of a deployment. It connects
 * on the first call, and loads only the clients of the AWS SDK that it needs.
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
    // The next call retries a failed connection.
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
