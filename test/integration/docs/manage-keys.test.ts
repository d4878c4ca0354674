import { randomUUID } from 'node:crypto';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import type { ApiKeys } from '../../../cdk/api-keys.ts';
import { contextOf } from '../../../src/gateway/context.ts';
import type { Flushed } from '../../../src/management/operations/flushing.ts';
import type { IssuedKey } from '../../../src/management/operations/issue-key.ts';
import type { OwnerView } from '../../../src/management/owner-view.ts';
import { CREDENTIALS, REGION } from '../../../local/account.ts';
import { permissionsOf } from '../cdk/permissions.ts';
import { resourcesOf, someFunction } from '../../support/cdk/synth.ts';
import { runningLocal, type RunningLocal } from '../../support/local/running.ts';
import { aRecord } from '../../support/storage/records.ts';
import { recipesOf } from './recipes.ts';

/** The code of the pages on managing keys, which `how-to.test.ts` compiles. Returns the exports of a block. */
async function load<Exports>(page: string, name: string): Promise<Exports> {
  return (await import(recipesOf(`docs/how-to/${page}.md`, 'manage-keys').file('', name))) as Exports;
}

let local: RunningLocal;
beforeAll(async () => {
  local = await runningLocal({ authorizer: { ownerSuspension: true }, cacheTtlSeconds: 0 });
  vi.stubEnv('AWS_REGION', REGION);
  vi.stubEnv('AWS_ACCESS_KEY_ID', CREDENTIALS.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', CREDENTIALS.secretAccessKey);
  vi.stubEnv('AWS_ENDPOINT_URL_LAMBDA', local.adminUrl);
  vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', inject('dynamodbEndpoint'));
  vi.stubEnv('KEYS_TABLE', local.table);
  for (const name of ['CREATE', 'REVOKE']) vi.stubEnv(`${name}_FUNCTION`, `${name.toLowerCase()}-key`);
  for (const name of ['SUSPEND', 'RESUME']) vi.stubEnv(`${name}_FUNCTION`, `${name.toLowerCase()}-owner`);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await local.stop();
});

function synthesized(build: (stack: Stack, handler: IFunction) => unknown): Template {
  const stack = new Stack(new App(), 'Consumer');
  build(stack, someFunction(stack));
  return Template.fromStack(stack);
}

describe('docs/how-to/several-kinds-of-key.md', () => {
  const page = 'several-kinds-of-key';

  it('creates two authorizers on one table', async () => {
    const { orders } = await load<{ orders: (stack: Stack, handler: IFunction) => void }>(page, 'stack.ts');
    const types = Object.values(resourcesOf(synthesized(orders))).map(({ Type }) => Type);
    expect(types.filter((type) => type === 'AWS::ApiGateway::Authorizer')).toHaveLength(2);
    expect(types.filter((type) => type === 'AWS::DynamoDB::GlobalTable')).toHaveLength(1);
  });
});

describe('docs/how-to/typed-attributes.md', () => {
  const page = 'typed-attributes';

  it('passes typed attributes from the construct to the API', async () => {
    const { keysOf } = await load<{ keysOf: (stack: Stack) => ApiKeys }>(page, 'stack.ts');
    expect(JSON.stringify(synthesized(keysOf).toJSON())).toContain('the customer that the key is for');

    interface Handler {
      handler: (event: object) => Promise<{ statusCode: number; body: string }>;
    }
    const { handler } = await load<Handler>(page, 'handler.ts');
    const metadata = { tenant: 'acme', environment: 'live', seats: 5 };
    const context = contextOf(aRecord({ metadata }), ['tenant', 'environment', 'seats']);
    const texts = Object.fromEntries(Object.entries(context).map(([name, value]) => [name, String(value)]));
    expect(await handler({ requestContext: { authorizer: texts } })).toEqual({
      statusCode: 200,
      body: JSON.stringify({ tenant: 'acme', seats: 6 }),
    });
    expect(await handler({ requestContext: {} })).toMatchObject({ statusCode: 401 });
  });
});

describe('docs/how-to/manage-keys-in-code.md', () => {
  const page = 'manage-keys-in-code';

  it('creates and lists keys in code, on the table', async () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
    const { seed } = await load<{ seed: () => Promise<string | null> }>(page, 'seed.ts');
    expect(await seed()).toMatch(/^acme_test_/);
    expect(log.mock.calls).toEqual([[expect.any(String), 'Tests', 'acme']]);
    log.mockRestore();
  });

  it('creates keys in code, with the management functions', async () => {
    interface Portal {
      newKeyFor: (customer: string, name: string) => Promise<IssuedKey | { faults: unknown[] }>;
    }
    const { newKeyFor } = await load<Portal>(page, 'portal.ts');
    expect(await newKeyFor('acme', 'Portal')).toMatchObject({ record: { name: 'Portal', scopes: ['GET /orders/*'] } });
    expect(await newKeyFor('acme', '')).toMatchObject({ faults: [{ field: 'name' }] });
  });
});

describe('docs/how-to/suspend-owners.md', () => {
  const page = 'suspend-owners';

  it('suspends a customer until the invoice is paid', async () => {
    const { billed } = await load<{ billed: (stack: Stack, billing: IFunction) => void }>(page, 'stack.ts');
    const granted = permissionsOf(synthesized(billed))['HandlerServiceRole'] ?? [];
    expect(granted.map(({ resources }) => resources[0])).toEqual([
      '[KeysSuspendFunction.Arn]',
      '[KeysResumeFunction.Arn]',
    ]);

    interface Billing {
      unpaid: (customer: string, invoice: string) => Promise<Flushed<OwnerView>>;
      paid: (customer: string) => Promise<OwnerView>;
    }
    const { unpaid, paid } = await load<Billing>(page, 'billing.ts');
    const customer = randomUUID();
    const issued = (await local.call('create-key', { name: 'a key', ownerId: customer })) as unknown as IssuedKey;
    const status = async () => {
      const response = await fetch(`${local.apiUrl}/orders`, { headers: { 'x-api-key': issued.key ?? '' } });
      await response.body?.cancel();
      return response.status;
    };
    expect(await status()).toBe(200);
    const suspended = await unpaid(customer, '4711');
    expect(suspended).toMatchObject({ suspendedReason: 'invoice 4711 unpaid', suspendedBy: 'billing' });
    expect(suspended.caches).toEqual({ flushed: ['rest/sample/local'], pending: [], failed: [] });
    expect(await status()).toBe(403);
    await paid(customer);
    expect(await status()).toBe(200);
  });
});
