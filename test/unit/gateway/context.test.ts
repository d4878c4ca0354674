import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { callerOf, contextOf } from '../../../src/gateway/context.ts';
import type { KeyRecord } from '../../../src/core/keys/record.ts';

const record: KeyRecord = {
  prefix: 'abcdefghijkl',
  label: 'lk',
  digest: 'sha256$…',
  name: 'Checkout service',
  ownerId: 'acme',
  scopes: ['GET /orders/*', 'POST /orders'],
  plan: 'free',
  limits: { rate: '10/s', burst: 20, quota: '1000/day' },
  countsAs: 'lkjihgfedcba',
  metadata: { plan: 'pro', seats: 5, beta: true, internal: 'not for the API' },
  createdAt: 0,
  version: 1,
};
const caller = {
  keyId: 'abcdefghijkl',
  name: 'Checkout service',
  ownerId: 'acme',
  scopes: ['GET /orders/*', 'POST /orders'],
  metadata: { plan: 'pro', seats: '5', beta: 'true' },
  plan: 'free',
  limits: { rate: '10/s', burst: 20, quota: '1000/day' },
  countsAs: 'lkjihgfedcba',
};

describe('the context for the API behind', () => {
  const context = contextOf(record, ['plan', 'seats', 'beta', 'absent']);

  it('holds texts, numbers and booleans, of the metadata only what was chosen, and no digest', () => {
    expect(context).toEqual({
      keyId: 'abcdefghijkl',
      name: 'Checkout service',
      ownerId: 'acme',
      scopes: 'GET /orders/*,POST /orders',
      plan: 'free',
      rate: '10/s',
      burst: 20,
      quota: '1000/day',
      countsAs: 'lkjihgfedcba',
      meta_plan: 'pro',
      meta_seats: 5,
      meta_beta: true,
    });
  });

  it.each([
    [
      'REST and WebSocket APIs, where values are texts',
      Object.fromEntries(Object.entries(context).map(([name, value]) => [name, String(value)])),
    ],
    ['HTTP APIs, where it is nested and keeps its types', { lambda: context }],
  ])('is read back behind %s', (_kind, authorizer) => {
    expect(callerOf({ requestContext: { authorizer } })).toEqual(caller);
  });

  it('of a key without owner, scopes and limits says that there are none, and that it counts as itself', () => {
    const bare = { ownerId: undefined, scopes: [], plan: undefined, limits: undefined, countsAs: undefined };
    const authorizer = contextOf({ ...record, ...bare }, []);
    expect(authorizer).toStrictEqual({ keyId: 'abcdefghijkl', name: 'Checkout service', scopes: '' });
    expect(callerOf({ requestContext: { authorizer } })).toStrictEqual({
      keyId: 'abcdefghijkl',
      name: 'Checkout service',
      ownerId: undefined,
      plan: undefined,
      limits: {},
      countsAs: 'abcdefghijkl',
      scopes: [],
      metadata: {},
    });
  });

  it('whose fields are of other types was not made by us: they are not handed on', () => {
    const odd = { ...context, ownerId: 7, plan: ['free'], countsAs: false };
    expect(callerOf({ requestContext: { authorizer: odd } })).toMatchObject({
      ownerId: undefined,
      plan: undefined,
      countsAs: 'abcdefghijkl',
    });
  });

  it('with limits that cannot be read is an error, not a key without limits', () => {
    for (const odd of [{ rate: '10/fortnight' }, { burst: 'x', rate: '1/s' }, { quota: 5 }])
      expect(() => callerOf({ requestContext: { authorizer: { ...context, ...odd } } })).toThrow(TypeError);
  });

  it('is not made up where there is none', () => {
    for (const authorizer of [
      undefined,
      null,
      'x',
      {},
      { lambda: null },
      { claims: {} },
      { keyId: 7, name: 'a', scopes: '' },
      { keyId: 'a', name: 7, scopes: '' },
      { keyId: 'a', name: 'a', scopes: 7 },
    ]) {
      expect(callerOf({ requestContext: { authorizer } })).toBeUndefined();
    }
  });

  it('keeps metadata apart from its own fields, whatever it is called', () => {
    const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_]{0,20}$/);
    fc.assert(
      fc.property(fc.dictionary(name, fc.string()), (metadata) => {
        const read = callerOf({
          requestContext: { authorizer: contextOf({ ...record, metadata }, Object.keys(metadata)) },
        });
        expect(read).toMatchObject({ keyId: record.prefix, ownerId: 'acme', scopes: record.scopes });
        expect(read?.metadata).toEqual({ ...metadata });
      }),
    );
  });
});
