import middy from '@middy/core';
import type {
  APIGatewayProxyEvent,
  APIGatewayProxyEventV2,
  APIGatewayProxyResult,
  APIGatewayProxyWebsocketEventV2,
  Context,
} from 'aws-lambda';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { apiKeyContext, requireScope, scopeRefusal } from '../../../src/backend/middleware.ts';
import { hasScope, readCaller, type AuthorizedCaller } from '../../../src/backend/read-caller.ts';

const BY_KEY = {
  keyId: '4fQ9aZ0bT1xW',
  name: 'Checkout',
  ownerId: 'acme',
  scopes: 'GET /orders/*,orders:read',
  tenant: 'acme',
  tries: 3,
};

/** The events as the documentation shows them; only what is read. HTTP APIs hand values on as they are, the others as texts. */
const texts = (context: object) =>
  Object.fromEntries(Object.entries(context).map(([name, value]) => [name, String(value)]));
const rest = (context: object) =>
  ({
    requestContext: { authorizer: { ...texts(context), principalId: 'p', integrationLatency: 7 } },
  }) as unknown as APIGatewayProxyEvent;
const http = (context: object) =>
  ({ version: '2.0', requestContext: { authorizer: { lambda: context } } }) as unknown as APIGatewayProxyEventV2;
const webSocket = (context: object) =>
  ({
    requestContext: { eventType: 'MESSAGE', connectionId: 'c', authorizer: { ...texts(context), principalId: 'p' } },
  }) as unknown as APIGatewayProxyWebsocketEventV2;

describe.each([
  ['REST', rest],
  ['HTTP', http],
  ['WebSocket', webSocket],
] as const)('%s events', (_kind, event) => {
  it('tell who calls, with a key or by another permission', () => {
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

  it('are read also where a field is called as HTTP APIs call the whole', () => {
    expect(readCaller(event({ ...BY_KEY, lambda: 'blue' }))?.key?.name).toBe('Checkout');
  });

  it('of a route without an authorizer of Latchkey’s tell nobody', () => {
    expect(readCaller(event({ sub: 'user-1' }))).toBeUndefined();
    expect(readCaller({ requestContext: {} })).toBeUndefined();
    expect(readCaller({ requestContext: { authorizer: null } })).toBeUndefined();
  });
});

describe('hasScope', () => {
  it('is for names, and given to nobody who has none', () => {
    expect(hasScope({ scopes: ['GET /*', 'orders:read'] }, 'orders:read')).toBe(true);
    expect(hasScope({ scopes: ['orders:read'] }, 'orders:write')).toBe(false);
    expect(hasScope({ scopes: [] }, 'orders:write')).toBe(false);
    expect(() => hasScope({ scopes: ['GET /*'] }, 'GET /*')).toThrow(/no named scope/);
  });
});

const answered = (body: string): APIGatewayProxyResult => ({ statusCode: 200, body });
const CONTEXT = { awsRequestId: 'r' } as Context;

describe('the middlewares', () => {
  it('put the caller on the context, with its type', async () => {
    const handler = middy<APIGatewayProxyEvent, APIGatewayProxyResult>()
      .use(apiKeyContext<{ tenant: string }>())
      .handler((_event, { caller }) => {
        expectTypeOf(caller).toEqualTypeOf<AuthorizedCaller<{ tenant: string }>>();
        return Promise.resolve(answered(`${String(caller.key?.name)} of ${caller.context.tenant}`));
      });
    expect(await handler(rest(BY_KEY), { ...CONTEXT } as Parameters<typeof handler>[1])).toEqual(
      answered('Checkout of acme'),
    );
  });

  it('let through whoever has the scope, and nobody else', async () => {
    const handler = middy<APIGatewayProxyEvent, APIGatewayProxyResult>()
      .use(requireScope('orders:write'))
      .handler(() => Promise.resolve(answered('placed')));
    const call = (scopes: string) => handler(rest({ ...BY_KEY, scopes }), CONTEXT);
    expect(await call('orders:read,orders:write')).toEqual(answered('placed'));
    expect(await call('orders:read')).toEqual(scopeRefusal('orders:write'));
    expect(await call('')).toMatchObject({
      statusCode: 403,
      headers: { 'content-type': 'application/problem+json' },
      body: expect.stringContaining('the scope orders:write is needed') as string,
    });
    expect((await call('* /*')).statusCode).toBe(403);
  });

  it('take a route without an authorizer for what it is, a wiring fault', async () => {
    for (const middleware of [apiKeyContext(), requireScope('orders:write')]) {
      const handler = middy<APIGatewayProxyEvent, APIGatewayProxyResult>()
        .use(middleware as ReturnType<typeof requireScope>)
        .handler(() => Promise.resolve(answered('never')));
      await expect(handler({ requestContext: {} } as APIGatewayProxyEvent, CONTEXT)).rejects.toThrow(
        /no Latchkey authorizer/,
      );
    }
    expect(() => requireScope('GET /orders')).toThrow(/no named scope/);
  });
});
