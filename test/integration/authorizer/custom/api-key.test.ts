import { randomBytes } from 'node:crypto';
import middy from '@middy/core';
import fc from 'fast-check';
import { beforeEach, describe, expect, expectTypeOf, it, onTestFinished, vi } from 'vitest';
import type { AuthorizerEvent } from '../../../../src/authorizer/request.ts';
import type { ApiKeyOptions, KeyParser } from '../../../../src/authorizer/custom/api-key.ts';
import {
  createAuthorizer,
  type AuthorizerContextOf,
  type CustomAuthorizerResult,
} from '../../../../src/authorizer/custom/custom-authorizer.ts';
import { allow, deny, narrow, type Verdict } from '../../../../src/authorizer/custom/verdict.ts';
import { newKey } from '../../../../src/core/keys/key.ts';
import { allowPolicy } from '../../../../src/core/scopes/policy.ts';
import { httpEvent, httpEventV1, restEvent, STAGE_ARN, webSocketEvent } from '../../../support/authorizer/events.ts';
import { iamPermits } from '../../../support/core/scopes/iam-evaluator.ts';
import { LABEL } from '../../../support/storage/records.ts';
import { ask, setting, withKey } from './setting.ts';

const { log, last, authorizerOptions, issued } = setting();
beforeEach(() => {
  log.length = 0;
});
const own = (options: ApiKeyOptions, settings = {}) => createAuthorizer(options, authorizerOptions(settings));

describe.each([
  ['REST API', restEvent, {}, 401],
  ['HTTP API, IAM policy, payload 1.0', httpEventV1, { httpResponse: 'iam' }, 403],
  ['HTTP API, IAM policy, payload 2.0', httpEvent, { httpResponse: 'iam' }, 403],
  ['HTTP API, simple response', httpEvent, { httpResponse: 'simple' }, 403],
  ['WebSocket API', webSocketEvent, {}, 401],
] as const)('%s', (_kind, event, settings, unrecognized) => {
  it('decides like the stock authorizer without custom code, and adds what authorized the caller', async () => {
    const authorize = own({}, settings);
    const key = await issued({ name: 'Checkout', ownerId: 'acme' });
    expect(await ask(authorize, event(withKey(key)))).toEqual({
      status: 200,
      context: { keyId: key.prefix, name: 'Checkout', ownerId: 'acme', scopes: '', authorizedBy: 'apiKey' },
    });
    expect(last()).toMatchObject({ result: 'allowed', keyId: key.prefix, authorizedBy: 'apiKey', label: LABEL });

    expect((await ask(authorize, event({}))).status).toBe(unrecognized);
    expect((await ask(authorize, event({ headers: { 'x-api-key': 'nonsense' } }))).status).toBe(unrecognized);
    expect((await ask(authorize, event(withKey(await issued({ revokedAt: 1 }))))).status).toBe(403);
    expect((await ask(authorize, event(withKey(newKey({ label: LABEL, randomBytes }))))).status).toBe(403);
    expect(log.map(({ result }) => result)).toEqual(['allowed', 'missing', 'malformed', 'revoked', 'unknown']);
  });

  it('denies a request with a reason that is only logged', async () => {
    const authorize = own(
      { authorize: ({ record }) => (record.ownerId === 'acme' ? allow() : deny('not acme')) },
      settings,
    );
    expect((await ask(authorize, event(withKey(await issued({ ownerId: 'acme' }))))).status).toBe(200);
    const other = await issued({ ownerId: 'other' });
    expect(await ask(authorize, event(withKey(other)))).toEqual({ status: 403, context: {} });
    expect(last()).toMatchObject({ result: 'permission', detail: 'not acme', keyId: other.prefix });
  });
});

it('fails closed if a hook blocks the event loop longer than a decision may take', async () => {
  let blockedMs = 0;
  const now = performance.now.bind(performance);
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now() + blockedMs);
  onTestFinished(() => {
    clock.mockRestore();
  });
  const authorize = own({
    authorize: () => {
      blockedMs = 5000;
      return allow();
    },
  });
  expect((await ask(authorize, restEvent(withKey(await issued())))).status).toBe(500);
  expect(last()).toMatchObject({ result: 'error', error: expect.stringContaining('the decision took') as string });
});

describe('the authorize hook', () => {
  it('calls the authorize hook only for keys that would be allowed, without the digest', async () => {
    const seen: object[] = [];
    const authorize = own({
      authorize: ({ record }) => {
        seen.push(record);
        return allow();
      },
    });
    const keys = [
      await issued({ revokedAt: 1 }),
      await issued({ expiresAt: 1 }),
      await issued({ notBefore: Date.now() + 60_000 }),
      newKey({ label: LABEL, randomBytes }),
    ];
    for (const key of keys) expect((await ask(authorize, restEvent(withKey(key)))).status).toBe(403);
    expect(log.map(({ result }) => result)).toEqual(['revoked', 'expired', 'not_yet_valid', 'unknown']);
    expect(seen).toEqual([]);
    await ask(authorize, restEvent(withKey(await issued())));
    expect(seen).toHaveLength(1);
    expect(seen[0]).not.toHaveProperty('digest');
  });

  it('narrows the scopes in the policy and in the context', async () => {
    const key = await issued({ scopes: ['* /orders/*', 'orders:read', 'orders:write'] });
    const authorize = own({ authorize: () => Promise.resolve(narrow(['GET /*', 'orders:read', 'users:read'])) });
    expect(await ask(authorize, restEvent({ call: 'GET /orders/1', ...withKey(key) }))).toMatchObject({
      status: 200,
      context: { scopes: 'GET /orders/*,orders:read' },
    });
    expect((await ask(authorize, restEvent({ call: 'POST /orders/1', ...withKey(key) }))).status).toBe(403);
    expect((await ask(authorize, restEvent({ call: 'GET /users', ...withKey(key) }))).status).toBe(403);
  });

  it('never allows a request that the key itself may not make', async () => {
    const scope = fc.constantFrom(
      'GET /orders/*',
      '* /orders/1',
      'POST /orders',
      '* /*',
      'GET /*/1',
      'orders:read',
      '$connect',
    );
    const verdict: fc.Arbitrary<unknown> = fc.oneof(
      fc.constant(allow()),
      fc.string().map(deny),
      fc.array(scope, { maxLength: 3 }).map(narrow),
      // Invalid verdicts, as plain JavaScript or a mistake can return them.
      fc.constantFrom(undefined, true, 'allow', { allowed: true }, { verdict: 'open' }, narrow(['GET orders'])),
    );
    const state = fc.constantFrom({}, { revokedAt: 1 }, { expiresAt: 1 }, { scopes: [] });
    const calls = ['GET /orders/1', 'POST /orders', 'DELETE /orders/1', 'GET /admin', 'GET /x/1'];
    await fc.assert(
      fc.asyncProperty(
        fc.array(scope, { minLength: 1, maxLength: 3 }),
        state,
        verdict,
        async (scopes, fields, said) => {
          const stored = { scopes, ...fields };
          const key = await issued(stored);
          const authorize = own({ authorize: () => said as Verdict });
          const ended = 'revokedAt' in fields || 'expiresAt' in fields;
          for (const call of calls) {
            const arn = `${STAGE_ARN}/${call.replace(' ', '')}`;
            const byItself = !ended && iamPermits(allowPolicy(stored.scopes, STAGE_ARN, 'whole-stage'), arn);
            const { status } = await ask(authorize, restEvent({ call, ...withKey(key) }));
            if (!byItself) expect(status, call).not.toBe(200);
            if (JSON.stringify(said) === JSON.stringify(allow())) expect(status === 200, call).toBe(byItself);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it.each<[string, () => unknown, string]>([
    [
      'throws',
      () => {
        throw new TypeError('no such tenant');
      },
      'authorize threw TypeError: no such tenant',
    ],
    ['rejects', () => Promise.reject(new Error('down')), 'authorize threw Error: down'],
    ['hangs', () => new Promise(() => undefined), 'authorize did not respond within 50 ms'],
    ['returns nothing', () => undefined, 'authorize must return allow(), deny(reason) or narrow(scopes)'],
    ['returns true', () => true, 'authorize must return allow(), deny(reason) or narrow(scopes)'],
    ['narrows to an invalid scope', () => narrow(['orders']), '"orders" is not a valid scope'],
  ])('returns 500 and logs the reason if the authorize hook %s', async (_how, hook, why) => {
    const key = await issued();
    const authorize = own({ authorize: hook as () => Verdict, hookTimeoutMs: 50 });
    expect((await ask(authorize, restEvent(withKey(key)))).status).toBe(500);
    expect(last()).toMatchObject({ level: 'ERROR', result: 'error', error: expect.stringContaining(why) as string });
  });

  it('redacts a key that the authorize hook throws before it is logged', async () => {
    const key = await issued();
    const authorize = own({
      authorize: ({ request }) => {
        throw new Error(`what is ${String(request.header('x-api-key'))}?`);
      },
    });
    expect((await ask(authorize, restEvent(withKey(key)))).status).toBe(500);
    expect(last()).toMatchObject({ error: expect.stringContaining('what is …?') as string });
    expect(JSON.stringify(log)).not.toContain(key.text.slice(-49));
  });

  it('lets the authorize hook read only what it declares, and returns 500 for other reads', async () => {
    const key = await issued();
    const event = restEvent(withKey(key, { 'X-Tenant': 'acme' }));
    const byTenant = ({ request }: { request: { header(name: string): string | undefined } }) =>
      request.header('x-tenant') === 'acme' ? allow() : deny('another tenant');
    expect(
      (await ask(own({ authorize: byTenant, identitySources: ['method.request.header.X-Tenant'] }), event)).status,
    ).toBe(200);
    expect((await ask(own({ authorize: byTenant }), event)).status).toBe(500);
    expect(last()).toMatchObject({
      error: expect.stringMatching(
        /method\.request\.header\.x-tenant was read but is not declared.*add it to identitySources/,
      ) as string,
    });
  });
});

describe('the context hook', () => {
  it("adds typed fields to the context, and rejects the names of Latchkey's fields", async () => {
    const key = await issued({ metadata: { tenant: 'acme' } });
    const authorize = createAuthorizer(
      { context: ({ record }) => ({ tenant: String(record.metadata['tenant']), tries: 3 }) },
      authorizerOptions(),
    );
    expect(await ask(authorize, restEvent(withKey(key)))).toMatchObject({
      status: 200,
      context: { tenant: 'acme', tries: 3, keyId: key.prefix },
    });
    expectTypeOf<AuthorizerContextOf<typeof authorize>>().toEqualTypeOf<{ tenant: string; tries: number }>();

    // @ts-expect-error: keyId is reserved
    createAuthorizer({ context: () => ({ keyId: 'another key' }) }, authorizerOptions());
  });

  it.each([
    [{ keyId: 'x' }, '"keyId"'],
    [{ authorizedBy: 'jwt' }, '"authorizedBy"'],
    [{ meta_plan: 'pro' }, '"meta_plan"'],
    [{ 'a-b': 'x' }, '"a-b"'],
    [{ nested: {} }, 'is not a string, a finite number or a boolean'],
    [{ none: undefined }, 'is not a string, a finite number or a boolean'],
  ])('rejects the context %j at run time, too', async (context, why) => {
    const authorize = own({ context: () => context as object as Record<string, string> });
    expect((await ask(authorize, restEvent(withKey(await issued())))).status).toBe(500);
    expect(last()).toMatchObject({ error: expect.stringContaining(why) as string });
  });
});

it('fails if API Gateway would not accept the size of the policy and the context together', async () => {
  const key = await issued({ scopes: ['GET /*'] });
  const withNote = (length: number) => own({ context: () => ({ note: 'x'.repeat(length) }) });
  expect((await ask(withNote(7000), restEvent(withKey(key)))).status).toBe(200);
  expect((await ask(withNote(9000), restEvent(withKey(key)))).status).toBe(500);
  expect(last()).toMatchObject({ error: expect.stringContaining('API Gateway accepts 8192') as string });
});

describe('the parse option', () => {
  it('reads the key from the given locations', async () => {
    const key = await issued();
    const authorize = own({ parse: [{ cookie: 'api_key' }] });
    expect((await ask(authorize, restEvent({ headers: { Cookie: `a=b; api_key=${key.text}` } }))).status).toBe(200);
    expect((await ask(authorize, restEvent(withKey(key)))).status).toBe(401);
  });

  const combined: KeyParser = {
    identitySources: ['method.request.header.X-Tenant', 'method.request.header.X-Secret'],
    read: (request) => `${LABEL}_${request.header('X-Tenant') ?? ''}_${request.header('X-Secret') ?? ''}`,
  };

  it('builds the key from the parts that a parser declares', async () => {
    const { text, prefix } = await issued();
    const secret = text.slice(-49);
    const authorize = own({ parse: combined });
    expect((await ask(authorize, restEvent({ headers: { 'x-tenant': prefix, 'x-secret': secret } }))).status).toBe(200);
    expect((await ask(authorize, restEvent({ headers: { 'x-tenant': prefix, 'x-secret': 'x' } }))).status).toBe(401);
    expect(
      (await ask(authorize, restEvent({ headers: { 'x-tenant': 'a', 'X-Tenant': 'b', 'x-secret': secret } }))).status,
    ).toBe(401);
  });

  it('redacts each part of a key in errors of other hooks before they are logged', async () => {
    const { text, prefix } = await issued();
    const secret = text.slice(-49);
    const authorize = own({
      parse: combined,
      identitySources: ['method.request.header.Cookie'],
      context: ({ request }) => {
        throw new Error(`no context of ${String(request.header('X-Secret'))}, ${String(request.cookie('session'))}`);
      },
    });
    const headers = { 'x-tenant': prefix, 'x-secret': secret, cookie: 'theme=dark; session=0123456789abcdef' };
    expect((await ask(authorize, restEvent({ headers }))).status).toBe(500);
    expect(last()).toMatchObject({
      error: expect.stringContaining('context threw Error: no context of …, …') as string,
    });
    expect(JSON.stringify(log)).not.toContain(secret);
  });

  it.each<[string, () => unknown, string]>([
    [
      'reads an undeclared part',
      () => 'undeclared',
      'parse: method.request.header.x-api-key was read but is not declared',
    ],
    ['throws', () => 'throw', 'parse threw RangeError'],
    ['hangs', () => 'hang', 'parse did not respond within 50 ms'],
  ])('returns 500 and logs the reason without the key if the parser %s', async (_how, mode, why) => {
    const key = await issued();
    const parser: KeyParser = {
      identitySources: ['method.request.header.X-Tenant'],
      read: (request) => {
        if (mode() === 'undeclared') return request.header('x-api-key');
        if (mode() === 'throw') throw new RangeError(key.text);
        return new Promise<string>(() => undefined);
      },
    };
    expect((await ask(own({ parse: parser, hookTimeoutMs: 50 }), restEvent(withKey(key)))).status).toBe(500);
    expect(last()).toMatchObject({ result: 'error', error: expect.stringContaining(why) as string });
    expect(JSON.stringify(log)).not.toContain(key.text.slice(-49));
  });
});

describe('the cache key of API Gateway', () => {
  const status = async (options: ApiKeyOptions, settings: object) =>
    (await ask(own(options, settings), restEvent(withKey(await issued(), { 'X-Tenant': 'acme' })))).status;

  it('returns 500 if the cache key lacks a part that custom code reads', async () => {
    const options: ApiKeyOptions = { identitySources: ['method.request.header.X-Tenant'] };
    expect(await status(options, { cachedBy: ['method.request.header.x-api-key'] })).toBe(500);
    expect(last()).toMatchObject({
      label: LABEL,
      error: expect.stringMatching(
        /also reads method\.request\.header\.X-Tenant\. Add it to identitySources of the construct/,
      ) as string,
    });
    expect(
      await status(options, { cachedBy: ['method.request.header.x-tenant', 'method.request.header.X-API-Key'] }),
    ).toBe(200);
    expect(await status(options, { cachedBy: [] })).toBe(200);
  });

  it('requires no caching if the key has several locations or origins are restricted', async () => {
    const cachedBy = ['method.request.header.x-api-key'];
    expect(await status({ parse: [{ header: 'x-api-key' }, { query: 'key' }] }, { cachedBy })).toBe(500);
    expect(last()).toMatchObject({ error: expect.stringContaining('Set cacheTtl to 0') as string });
    expect(await status({}, { cachedBy, restrictions: ['origin'] })).toBe(500);
    expect(await status({}, { cachedBy, restrictions: ['sourceIp'] })).toBe(500);
    expect(await status({}, { cachedBy: [...cachedBy, 'context.identity.sourceIp'], restrictions: ['sourceIp'] })).toBe(
      200,
    );
  });
});

it('creates a handler that middy accepts', async () => {
  const key = await issued();
  const heard: unknown[] = [];
  const authorize = own({ authorize: ({ record }) => (record.name === 'denied' ? deny('by name') : allow()) });
  const handler = middy<AuthorizerEvent, CustomAuthorizerResult<object>>()
    .use({
      before: ({ event }: { event: AuthorizerEvent }) => void heard.push('methodArn' in event),
      after: ({ response }: { response: CustomAuthorizerResult<object> | null }) =>
        void heard.push(response?.context?.['authorizedBy']),
      onError: ({ error }: { error: Error | null }) => void heard.push(error?.message),
    })
    .handler((event: AuthorizerEvent) => authorize(event));
  const call = (event: AuthorizerEvent) => handler(event, {} as Parameters<typeof handler>[1]);
  expect(await call(restEvent(withKey(key)))).toMatchObject({ principalId: key.prefix });
  await expect(call(restEvent({}))).rejects.toThrow(/^Unauthorized$/);
  expect(heard).toEqual([true, 'apiKey', true, 'Unauthorized']);
});

it('returns 500 and logs the reason if the environment has no settings', async () => {
  const authorize = createAuthorizer({}, { ...authorizerOptions(), environment: {} });
  expect((await ask(authorize, restEvent({}))).status).toBe(500);
  expect(last()).toMatchObject({ error: expect.stringContaining('LATCHKEY_TABLE is not set') as string });
});
