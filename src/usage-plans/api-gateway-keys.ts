import {
  ConflictException,
  CreateApiKeyCommand,
  CreateUsagePlanKeyCommand,
  DeleteApiKeyCommand,
  DeleteUsagePlanKeyCommand,
  GetApiKeysCommand,
  GetUsagePlansCommand,
  NotFoundException,
  type APIGatewayClient,
} from '@aws-sdk/client-api-gateway';

/** Usage plans by the name of the plan: their ids. */
export type UsagePlanIds = Readonly<Record<string, string>>;

/**
 * Brings the API Gateway key of one identifier to where it should be: on one usage plan, or gone.
 *
 * It keeps no books. Each time it looks at what is there and takes the steps that are missing; each step can be
 * taken twice. So wherever an earlier run was cut short, the next one finishes it.
 *
 * @param usagePlanId the plan it should be on; `undefined`: no key
 */
export async function bringInStep(
  client: APIGatewayClient,
  identifier: string,
  usagePlanId: string | undefined,
): Promise<void> {
  const present = await findKey(client, identifier);
  if (usagePlanId === undefined) {
    if (present !== undefined)
      await unless(NotFoundException, client.send(new DeleteApiKeyCommand({ apiKey: present })));
    return;
  }
  const keyId = present ?? (await createKey(client, identifier));
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

async function findKey(client: APIGatewayClient, identifier: string): Promise<string | undefined> {
  // The query is for the beginning of a name; identifiers are all of one length for a label, so one page holds it.
  const { items = [] } = await client.send(new GetApiKeysCommand({ nameQuery: identifier, includeValues: false }));
  return items.find(({ name }) => name === identifier)?.id;
}

/** A key made by somebody else meanwhile is a conflict: an error, so that the next run finds it. */
async function createKey(client: APIGatewayClient, identifier: string): Promise<string> {
  const { id } = await client.send(
    new CreateApiKeyCommand({
      name: identifier,
      value: identifier,
      enabled: true,
      description: 'Stands for a Latchkey key in its usage plan; made and deleted by Latchkey',
    }),
  );
  if (id === undefined) throw new Error('API Gateway made a key without an id');
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
