import { beforeEach, describe, expect, it } from 'vitest';
import { allOf } from '../../../../src/authorizer/custom/combine.ts';
import { apiKey, type ApiKeyOptions, type HookInput } from '../../../../src/authorizer/custom/api-key.ts';
import { createAuthorizer } from '../../../../src/authorizer/custom/custom-authorizer.ts';
import { frozenCopy } from '../../../../src/authorizer/custom/frozen-copy.ts';
import { jwt, type Claims } from '../../../../src/authorizer/custom/jwt.ts';
import { permission } from '../../../../src/authorizer/custom/custom-permission.ts';
import { testRequest } from '../../../../src/authorizer/custom/testing.ts';
import { allow } from '../../../../src/authorizer/custom/verdict.ts';
import { RecordCache } from '../../../../src/storage/fast-reader/record-cache.ts';
import { restEvent } from '../../../support/authorizer/events.ts';
import { ask, setting, withKey } from './setting.ts';

const { log, last, authorizerOptions, issued } = setting();
beforeEach(() => {
  log.length = 0;
});

/** An authorizer with a record cache. */
function remembering(options: ApiKeyOptions, settings = {}) {
  const around = authorizerOptions(settings);
  if (around.keys === undefined) throw new Error('no keys');
  return createAuthorizer(options, { ...around, keys: new RecordCache(around.keys, { seconds: 60 }) });
}

/** Allows writes to an object, as JavaScript without types does. */
const fields = (value: unknown) => value as Record<string, unknown>;
const list = (value: unknown) => value as unknown[];

const CHANGES: readonly (readonly [string, (input: HookInput) => void])[] = [
  ['adds a scope', ({ record }) => list(record.scopes).push('GET /health')],
  ['replaces the scopes', ({ record }) => (fields(record)['scopes'] = [])],
  ['changes the metadata', ({ record }) => (fields(record.metadata)['tenant'] = 'other')],
  ['adds metadata', ({ record }) => (fields(record.metadata)['more'] = 'x')],
  ['changes the limits', ({ record }) => (fields(record.limits)['rate'] = '1000/s')],
  ['removes a restriction', ({ record }) => delete fields(record.restrictions)['stages']],
  ['adds a stage to a restriction', ({ record }) => list(record.restrictions?.stages).push('other')],
  ['changes the owner', ({ record }) => (fields(record)['ownerId'] = 'other')],
  ['removes the expiry', ({ record }) => delete fields(record)['expiresAt']],
  ['replaces the record', (input) => (fields(input)['record'] = {})],
  ['replaces the request', (input) => (fields(input)['request'] = {})],
  ['replaces a method of the request', ({ request }) => (fields(request)['header'] = () => 'x')],
];

describe.each(['authorize', 'context'] as const)('the %s hook', (hook) => {
  it.each(CHANGES)('fails if a hook %s, and changes no later request', async (_what, change) => {
    const key = await issued({
      ownerId: 'acme',
      scopes: ['GET /orders/*'],
      metadata: { tenant: 'acme' },
      plan: 'free',
      restrictions: { stages: ['prod'] },
      expiresAt: Date.now() + 3_600_000,
    });
    let changing = true;
    const write = (input: HookInput) => {
      if (changing) change(input);
    };
    const options: ApiKeyOptions =
      hook === 'authorize'
        ? { authorize: (input) => (write(input), allow()) }
        : { context: (input) => (write(input), {}) };
    const authorize = remembering(options, { plans: { free: { rate: '1/s' } }, contextMetadata: ['tenant', 'more'] });
    const status = async (call: string) => (await ask(authorize, restEvent({ call, ...withKey(key) }))).status;
    expect(await status('GET /orders/1')).toBe(500);
    expect(last()).toMatchObject({ result: 'error', error: expect.stringContaining('TypeError') as string });

    changing = false;
    expect(await status('GET /health')).toBe(403);
    expect(await ask(authorize, restEvent({ call: 'GET /orders/1', ...withKey(key) }))).toMatchObject({
      status: 200,
      context: { ownerId: 'acme', scopes: 'GET /orders/*', meta_tenant: 'acme', rate: '1/s' },
    });
  });
});

it('does not widen the scopes if a hook changes them and catches the error', async () => {
  const key = await issued({ scopes: ['GET /orders/*'] });
  const authorize = remembering({
    authorize: ({ record }) => {
      try {
        list(record.scopes).push('GET /health');
      } catch {
        // Ignored, so that the hook returns its result.
      }
      return allow();
    },
  });
  for (let call = 0; call < 3; call++)
    expect((await ask(authorize, restEvent({ call: 'GET /health', ...withKey(key) }))).status).toBe(403);
});

it("does not let a hook of jwt() change the verifier's object", async () => {
  const payload = { sub: 'user-1', groups: { names: ['reader'] } };
  const seen: unknown[] = [];
  const authorize = createAuthorizer(
    jwt(
      { verify: () => Promise.resolve(payload) },
      {
        scopes: (claims: Claims) => {
          const { names } = claims['groups'] as { names: string[] };
          seen.push([...names]);
          expect(() => names.push('admin')).toThrow(TypeError);
          return ['GET /*'];
        },
      },
    ),
    authorizerOptions(),
  );
  for (let call = 0; call < 2; call++)
    expect((await ask(authorize, restEvent({ headers: { authorization: 'Bearer x.y.z' } }))).status).toBe(200);
  expect(seen).toEqual([['reader'], ['reader']]);
});

it('does not let a permission change the request for the next one', async () => {
  const changing = permission({
    name: 'changing',
    identitySources: ['method.request.header.x-api-key'],
    check: (request) => {
      expect(() => (fields(request)['header'] = () => undefined)).toThrow(TypeError);
      return { subject: 'x' };
    },
  });
  const authorize = createAuthorizer(allOf(changing, apiKey()), authorizerOptions());
  expect((await ask(authorize, restEvent(withKey(await issued())))).status).toBe(200);
});

it('passes a frozen request to a parser', () => {
  const request = testRequest({ headers: { 'x-api-key': 'x' } }, ['method.request.header.x-api-key']);
  expect(Object.isFrozen(request)).toBe(true);
  expect(request.header('X-Api-Key')).toBe('x');
});

it('freezes a copy at any depth, with the values of the original, without sharing objects with it', () => {
  const shared = { list: [{ deep: [1] }], set: new Set(['x']), binary: new Uint8Array([1]) };
  const copy = frozenCopy({ one: shared, two: shared, none: undefined });
  expect(copy).toEqual({ one: shared, two: shared, none: undefined });
  expect(Object.isFrozen(copy.one.list[0]?.deep)).toBe(true);
  copy.one.set.add('y');
  copy.one.binary[0] = 2;
  expect(shared.set.has('y')).toBe(false);
  expect(shared.binary[0]).toBe(1);
  expect(Object.isFrozen(shared.list)).toBe(false);
});
