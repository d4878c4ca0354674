import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCaller } from '../../../src/backend/read-caller.ts';
import type { KeyRecord } from '../../../src/core/keys/record.ts';
import { contextOf } from '../../../src/gateway/context.ts';

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
  authorizedBy: 'apiKey',
  subject: undefined,
  scopes: ['GET /orders/*', 'POST /orders'],
  key: {
    keyId: 'abcdefghijkl',
    name: 'Checkout service',
    ownerId: 'acme',
    metadata: { plan: 'pro', seats: '5', beta: 'true' },
    plan: 'free',
    limits: { rate: '10/s', burst: 20, quota: '1000/day' },
    countsAs: 'lkjihgfedcba',
  },
  context: {},
};

describe('the context of the authorizer', () => {
  const context = contextOf(record, ['plan', 'seats', 'beta', 'absent']);

  it('writes strings, numbers and booleans, only the selected metadata, and no digest to the context', () => {
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
      'REST and WebSocket APIs, which pass strings',
      Object.fromEntries(Object.entries(context).map(([name, value]) => [name, String(value)])),
    ],
    ['HTTP APIs, which nest it and keep the types', { lambda: context }],
  ])('reads the context back as the same caller behind %s', (_kind, authorizer) => {
    expect(readCaller({ requestContext: { authorizer } })).toEqual(caller);
  });

  it('omits the owner, scopes and limits that a key lacks, and counts requests under the key itself', () => {
    const bare = { ownerId: undefined, scopes: [], plan: undefined, limits: undefined, countsAs: undefined };
    const authorizer = contextOf({ ...record, ...bare }, []);
    expect(authorizer).toStrictEqual({ keyId: 'abcdefghijkl', name: 'Checkout service', scopes: '' });
    expect(readCaller({ requestContext: { authorizer } })).toStrictEqual({
      authorizedBy: 'apiKey',
      subject: undefined,
      scopes: [],
      key: {
        keyId: 'abcdefghijkl',
        name: 'Checkout service',
        ownerId: undefined,
        plan: undefined,
        limits: {},
        countsAs: 'abcdefghijkl',
        metadata: {},
      },
      context: {},
    });
  });

  it('keeps metadata apart from the reserved fields, regardless of its field names', () => {
    const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_]{0,20}$/);
    fc.assert(
      fc.property(fc.dictionary(name, fc.string()), (metadata) => {
        const authorizer = contextOf({ ...record, metadata }, Object.keys(metadata));
        const read = readCaller({ requestContext: { authorizer } });
        expect(read).toMatchObject({ scopes: record.scopes, key: { keyId: record.prefix, ownerId: 'acme' } });
        expect(read?.key?.metadata).toEqual({ ...metadata });
      }),
    );
  });
});
