import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { LIMITS_KEY_ATTRIBUTE } from '../../../src/rate-limit/limits-table.ts';
import { KEY_ATTRIBUTE } from '../../../src/storage/table.ts';
import { USAGE_KEY_ATTRIBUTE } from '../../../src/usage/usage-table.ts';
import { attributesOf } from '../../support/permissions/attributes-of.ts';

/** One use of an IAM action, as DynamoDB would check it. */
export interface Use {
  /** For example `dynamodb:GetItem`. */
  readonly action: string;
  readonly table: string;
  readonly index?: string | undefined;
  readonly attributes: readonly string[];
  /** The condition key `dynamodb:LeadingKeys`: the partition keys of the items in the request. */
  readonly leadingKeys: readonly string[];
}

type Input = Record<string, unknown>;

/** The partition key attribute of each table. No item has both. */
const PARTITION_KEYS = [KEY_ATTRIBUTE, LIMITS_KEY_ATTRIBUTE, USAGE_KEY_ATTRIBUTE];

/** A proxy in front of DynamoDB Local that records the permissions that each request needs. */
export async function recordingProxy(target: string): Promise<{ endpoint: string; uses: Use[]; stop(): void }> {
  const uses: Use[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const body = await buffer(request);
      const headers = Object.entries(request.headers).filter(
        ([name]) => !['host', 'content-length', 'connection', 'expect'].includes(name),
      ) as [string, string][];
      const operation = String(request.headers['x-amz-target']).split('.')[1] ?? '';
      uses.push(...usesOf(operation, JSON.parse(body.toString()) as Input));
      const answer = await fetch(target, { method: 'POST', headers, body });
      response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(Buffer.from(await answer.arrayBuffer()));
    })();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    endpoint: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    uses,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** A transaction needs the permissions of its parts. A batch needs the batch permission on each table. */
function usesOf(operation: string, input: Input): Use[] {
  if (operation === 'TransactWriteItems')
    return (input['TransactItems'] as Record<string, Input>[]).flatMap((item) =>
      Object.entries(item).map(([kind, part]) =>
        use(kind === 'ConditionCheck' ? 'ConditionCheckItem' : `${kind}Item`, part),
      ),
    );
  if (operation === 'BatchGetItem')
    return Object.entries(input['RequestItems'] as Record<string, { Keys: object[] }>).map(([table, { Keys }]) => ({
      ...use(operation, { TableName: table }),
      leadingKeys: Keys.flatMap(leadingKeyOf),
    }));
  return [use(operation, input)];
}

function use(operation: string, input: Input): Use {
  const index = input['IndexName'];
  return {
    action: `dynamodb:${operation}`,
    table: String(input['TableName']),
    index: typeof index === 'string' ? index : undefined,
    attributes: 'Key' in input ? attributesOf(input) : [],
    leadingKeys: leadingKeyOf(input['Key'] ?? input['Item'] ?? {}),
  };
}

function leadingKeyOf(item: object): string[] {
  const values = item as Readonly<Record<string, { readonly S?: string }>>;
  return PARTITION_KEYS.flatMap((name) => values[name]?.S ?? []).slice(0, 1);
}
