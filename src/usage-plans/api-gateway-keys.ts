import {
  ConflictException,
  CreateApiKeyCommand,
  CreateUsagePlanKeyCommand,
  DeleteApiKeyCommand,
  DeleteUsagePlanKeyCommand,
  GetUsagePlansCommand,
  NotFoundException,
  paginateGetApiKeys,
  type APIGatewayClient,
} from '@aws-sdk/client-api-gateway';

/** Usage plans by the name of the plan: their ids. */
export type UsagePlanIds = Readonly<Record<string, string>>;

/** An API Gateway key. A key with the same name and another value is a different key. */
export interface UsageKey {
  readonly name: string;
  /** Unique in an account and Region. API Gateway cannot change it. */
  readonly value: string;
}

/**
 * Brings an API Gateway key to where it should be: on one usage plan, or deleted.
 *
 * It keeps no state: each run reads what exists and takes the missing steps, all of which are idempotent. So the next
 * run finishes what an interrupted one left undone.
 *
 * @param usagePlanId the plan that the key should be on; `undefined` deletes the key
 */
export async function bringInStep(
  client: APIGatewayClient,
  key: UsageKey,
  usagePlanId: string | undefined,
): Promise<void> {
  const present = await findKey(client, key);
  if (usagePlanId === undefined) {
    if (present !== undefined)
      await unless(NotFoundException, client.send(new DeleteApiKeyCommand({ apiKey: present })));
    return;
  }
  const keyId = present ?? (await createKey(client, key));
  const current = await usagePlansOf(client, keyId);
  // First off the old plan: API Gateway takes a key for one plan of a stage only.
  for (const other of current.filter((id) => id !== usagePlanId))
    await unless(NotFoundException, client.send(new DeleteUsagePlanKeyCommand({ usagePlanId: other, keyId })));
  if (!current.includes(usagePlanId))
    await unless(
      ConflictException,
      client.send(new CreateUsagePlanKeyCommand({ usagePlanId, keyId, keyType: 'API_KEY' })),
    );
}

async function findKey(client: APIGatewayClient, key: UsageKey): Promise<string | undefined> {
  // The query matches every name that starts with it.
  const pages = paginateGetApiKeys({ client, pageSize: 500 }, { nameQuery: key.name, includeValues: true });
  for await (const { items = [] } of pages) {
    const found = items.find(({ name, value }) => name === key.name && value === key.value);
    if (found !== undefined) return found.id;
  }
  return undefined;
}

/** If another run has created the key meanwhile, the conflict is an error, and the next run finds the key. */
async function createKey(client: APIGatewayClient, key: UsageKey): Promise<string> {
  const { id } = await client.send(
    new CreateApiKeyCommand({
      ...key,
      enabled: true,
      description: 'Represents a Latchkey key in its usage plan; created and deleted by Latchkey',
    }),
  );
  if (id === undefined) throw new Error('API Gateway created a key without an id');
  return id;
}

/** A key can be on 10 plans at most: one page. */
async function usagePlansOf(client: APIGatewayClient, keyId: string): Promise<string[]> {
  const { items = [] } = await client.send(new GetUsagePlansCommand({ keyId }));
  return items.flatMap(({ id }) => id ?? []);
}

/** Leaves out an error that says that the step has been taken before. */
async function unless(done: new (...args: never[]) => Error, step: Promise<unknown>): Promise<void> {
  try {
    await step;
  } catch (error) {
    if (!(error instanceof done)) throw error;
  }
}
