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

/** The IDs of the usage plans, by the name of the plan. */
export type UsagePlanIds = Readonly<Record<string, string>>;

/** An API Gateway key. Keys with the same name and different values are different keys. */
export interface UsageKey {
  readonly name: string;
  /** Unique in an account and Region. API Gateway cannot change it. */
  readonly value: string;
}

/**
 * Creates an API Gateway key on a usage plan, moves it there from another plan, or deletes it.
 *
 * It keeps no state: each run reads what exists and performs the missing steps, which are idempotent. So the next run
 * completes an interrupted one.
 *
 * @param usagePlanId the plan that the key should be on; `undefined` deletes the key
 */
export async function syncKey(client: APIGatewayClient, key: UsageKey, usagePlanId: string | undefined): Promise<void> {
  const present = await findKey(client, key);
  if (usagePlanId === undefined) {
    if (present !== undefined)
      await unless(NotFoundException, client.send(new DeleteApiKeyCommand({ apiKey: present })));
    return;
  }
  const keyId = present ?? (await createKey(client, key));
  const current = await usagePlansOf(client, keyId);
  // API Gateway allows a key in only one plan of a stage, so the key is removed from the old plan first.
  for (const other of current.filter((id) => id !== usagePlanId))
    await unless(NotFoundException, client.send(new DeleteUsagePlanKeyCommand({ usagePlanId: other, keyId })));
  if (!current.includes(usagePlanId))
    await unless(
      ConflictException,
      client.send(new CreateUsagePlanKeyCommand({ usagePlanId, keyId, keyType: 'API_KEY' })),
    );
}

async function findKey(client: APIGatewayClient, key: UsageKey): Promise<string | undefined> {
  // The query matches every name that starts with the given one.
  const pages = paginateGetApiKeys({ client, pageSize: 500 }, { nameQuery: key.name, includeValues: true });
  for await (const { items = [] } of pages) {
    const found = items.find(({ name, value }) => name === key.name && value === key.value);
    if (found !== undefined) return found.id;
  }
  return undefined;
}

/** If another run creates the key at the same time, this fails with a conflict, and the next run finds the key. */
async function createKey(client: APIGatewayClient, key: UsageKey): Promise<string> {
  const { id } = await client.send(
    new CreateApiKeyCommand({
      ...key,
      enabled: true,
      description: 'Represents a Latchkey key in its usage plan; created and deleted by Latchkey',
    }),
  );
  if (id === undefined) throw new Error('API Gateway returned a key without an ID');
  return id;
}

/** A key can be in at most 10 plans, which fit in one page. */
async function usagePlansOf(client: APIGatewayClient, keyId: string): Promise<string[]> {
  const { items = [] } = await client.send(new GetUsagePlansCommand({ keyId }));
  return items.flatMap(({ id }) => id ?? []);
}

/** Ignores the error that means that the step was already done. */
async function unless(done: new (...args: never[]) => Error, step: Promise<unknown>): Promise<void> {
  try {
    await step;
  } catch (error) {
    if (!(error instanceof done)) throw error;
  }
}
