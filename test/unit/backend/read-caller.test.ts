import middy from '@middy/core';
import type {
  APIGatewayProxyEvent,
  APIGatewayProxyEventV2,
  APIGatewayProxyResult,
  APIGatewayProxyWebsocketEventV2,
  Context,
} from 'aws-lambda';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { injectCaller, requireScope, scopeRefusal } from '../../../src/backend/middleware.ts';
import { hasScope, readCaller, type Caller } from '../../../src/backend/read-caller.ts';

const BY_KEY = {
  keyId: '4fQ9aZ0bT1xW',
  name: 'Checkout',
  ownerId: 'acme',
  scopes: 'GET /orders/*,orders:read',
  tenant: 'acme',
  tries: 3,
};

/** The parts of the documented events that are read. HTTP APIs keep the types of values; the others pass strings. */
const strings = (context: object) =>
  Object.fromEntries(Object.entries(context).map(([name, value]) => [name, String(value)]));
const rest = (context: object) =>
  ({
    requestContext: { authorizer: { ...strings(context), principalId: 'p', integrationLatency: 7 } },
  }) as unknown as APIGatewayProxyEvent;
const http = (context: object) =>
  ({ version: '2.0', requestContext: { authorizer: { lambda: context } } }) as unknown as APIGatewayProxyEventV2;
const webSocket = (context: object) =>
  ({
    requestContext: { eventType: 'MESSAGE', connectionId: 'c', authorizer: { ...strings(context), principalId: 'p' } },
  }) as unknown as APIGatewayProxyWebsocketEventV2;

describe.each([
  ['REST', rest],
  ['HTTP', http],
  ['WebSocket', webSocket],
] as const)('readCaller with %s events', (_kind, event) => {
  it('returns the caller with a key, or the subject of another permission', () => {
    expect(readCaller(event(BY_KEY))).toEqual({
      authorizedBy: 'apiKey',
      subject: undefined,
      scopes: ['GET /orders/*', 'orders:read'],
      key: expect.objectContaining({ keyId: '4fQ9aZ0bT1xW', name: 'Checkout', ownerId: 'acme' }) as object,
      context: { tenant: 'acme', tries: '3' },
    });
    expect(readCaller(event({ authorizedBy: 'jwt', subject: 'user-1', scopes: '' }))).toEqual({
      authorizedBy: 'jwt',
      subject: 'user-1',
      scopes: [],
      key: undefined,
      context: {},
    });
  });

  it('reads a context with a field named as the one in which HTTP APIs nest the context', () => {
    expect(readCaller(event({ ...BY_KEY, lambda: 'blue' }))?.key?.name).toBe('Checkout');
  });

  it('returns undefined for a route without a Latchkey authorizer', () => {
    expect(readCaller(event({ sub: 'user-1' }))).toBeUndefined();
    expect(readCaller({ requestContext: {} })).toBeUndefined();
    expect(readCaller({ requestContext: { authorizer: null } })).toBeUndefined();
  });
});

describe('readCaller', () => {
  const read = (authorizer: unknown) => readCaller({ requestContext: { authorizer } });

  it.each([
    [undefined],
    [null],
    ['x'],
    [{}],
    [{ lambda: null }],
    [{ claims: {} }],
    [{ keyId: 7, name: 'a', scopes: '' }],
    [{ keyId: 'a', name: 7, scopes: '' }],
    [{ keyId: 'a', name: 'a', scopes: 7 }],
    [{ authorizedBy: 7, scopes: '' }],
    [{ authorizedBy: 'jwt', scopes: ['orders:read'] }],
  ])('returns undefined for %j, which no Latchkey authorizer returns', (authorizer) => {
    expect(read(authorizer)).toBeUndefined();
  });

  it('leaves out optional fields of types that the authorizer never writes', () => {
    expect(read({ ...BY_KEY, ownerId: 7, plan: ['free'], countsAs: false, subject: 7 })).toMatchObject({
      subject: undefined,
      key: { ownerId: undefined, plan: undefined, countsAs: BY_KEY.keyId },
    });
    expect(read({ ...BY_KEY, tenant: { id: 1 } })?.context).toEqual({ tries: '3' });
  });

  it.each([{ rate: '10/fortnight' }, { burst: 'x', rate: '1/s' }, { quota: 5 }])(
    'throws for the invalid limits %j: the key must not seem to have no limits',
    (limits) => {
      expect(() => read({ ...BY_KEY, ...limits })).toThrow(/^The context of the authorizer has invalid limits: /);
    },
  );
});

describe('hasScope', () => {
  it('accepts a named scope that the caller has, and no other', () => {
    expect(hasScope({ scopes: ['GET /*', 'orders:read'] }, 'orders:read')).toBe(true);
    expect(hasScope({ scopes: ['orders:read'] }, 'orders:write')).toBe(false);
    expect(hasScope({ scopes: [] }, 'orders:write')).toBe(false);
  });

  it('throws for a route scope, which API Gateway checks', () => {
    expect(() => hasScope({ scopes: ['GET /*'] }, 'GET /*')).toThrow(/"GET \/\*" is not a named scope/);
  });
});

const response = (body: string): APIGatewayProxyResult => ({ statusCode: 200, body });
const CONTEXT = { awsRequestId: 'r' } as Context;

describe('the middlewares', () => {
  it('adds the typed caller to the context with injectCaller', async () => {
    const handler = middy<APIGatewayProxyEvent, APIGatewayProxyResult>()
      .use(injectCaller<{ tenant: string }>())
      .handler((_event, { caller }) => {
        expectTypeOf(caller).toEqualTypeOf<Caller<{ tenant: string }>>();
        return Promise.resolve(response(`${String(caller.key?.name)} of ${caller.context.tenant}`));
      });
    expect(await handler(rest(BY_KEY), { ...CONTEXT } as Parameters<typeof handler>[1])).toEqual(
      response('Checkout of acme'),
    );
  });

  it('rejects callers without the scope with requireScope', async () => {
    const handler = middy<APIGatewayProxyEvent, APIGatewayProxyResult>()
      .use(requireScope('orders:write'))
      .handler(() => Promise.resolve(response('placed')));
    const call = (scopes: string) => handler(rest({ ...BY_KEY, scopes }), CONTEXT);
    expect(await call('orders:read,orders:write')).toEqual(response('placed'));
    expect(await call('orders:read')).toEqual(scopeRefusal('orders:write'));
    expect(await call('')).toMatchObject({
      statusCode: 403,
      headers: { 'content-type': 'application/problem+json' },
      body: expect.stringContaining('the scope orders:write is needed') as string,
    });
    expect((await call('* /*')).statusCode).toBe(403);
  });

  it('throws on a route without an authorizer, because that is a wiring mistake', async () => {
    for (const middleware of [injectCaller(), requireScope('orders:write')]) {
      const handler = middy<APIGatewayProxyEvent, APIGatewayProxyResult>()
        .use(middleware as ReturnType<typeof requireScope>)
        .handler(() => Promise.resolve(response('never')));
      await expect(handler({ requestContext: {} } as APIGatewayProxyEvent, CONTEXT)).rejects.toThrow(
        /no Latchkey authorizer/,
      );
    }
    expect(() => requireScope('GET /orders')).toThrow(/requireScope: "GET \/orders" is not a named scope/);
  });
});
