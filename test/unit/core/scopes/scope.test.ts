import { describe, expect, it } from 'vitest';
import { isNamedScope, parseScope, SCOPE_ACCEPTS, scopeResources } from '../../../../src/core/scopes/scope.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const STAGE = 'arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod';

describe('a scope', () => {
  it.each([...METHODS.map((method) => [`${method} /orders/*`, [method], '/orders/*'] as const)])(
    'parses the scope %s',
    (text, methods, path) => {
      expect(parseScope(text)).toEqual({ methods, path });
    },
  );

  it('expands a star method to all seven methods, without $connect', () => {
    expect(parseScope('* /')).toEqual({ methods: METHODS, path: '/' });
    expect(parseScope('$connect')).toEqual({ methods: [], path: '$connect' });
  });

  it.each([
    'FETCH /orders',
    'get /orders',
    'GET orders',
    'GET x/orders',
    'GET /orders?x',
    'GET /a b',
    'GET /a%2',
    'GET /a%zz',
    'GET /a,b',
    'GET /..',
    'GET /.',
    'GET /a/../b',
    'GET /a/./b',
    'GET /a/%2e%2e/b',
    'GET /a/%2E',
    'GET /a/%252e%252E/b',
    'GET /a/%25252e',
    'GET/orders',
    'GET',
    '$disconnect',
  ])('rejects the scope %j', (text) => {
    expect(parseScope(text)).toBeUndefined();
  });

  it.each(['GET /a%2Fb', 'GET /a/.well-known', 'GET /v1.2..3', "GET /a-._~!$&'()+;=:@/*"])(
    'accepts the scope %j',
    (text) => {
      expect(parseScope(text)).toEqual({ methods: ['GET'], path: text.slice(4) });
    },
  );

  it('allows one resource for each method of a scope', () => {
    const resources = (text: string) => scopeResources(parseScope(text) ?? { methods: [], path: '' }, STAGE);
    expect(resources('GET /orders/*')).toEqual([`${STAGE}/GET/orders/*`]);
    expect(resources('* /')).toEqual(METHODS.map((method) => `${STAGE}/${method}/`));
    expect(resources('$connect')).toEqual([`${STAGE}/$connect`]);
  });

  it('lists every method in the message about an invalid scope', () => {
    for (const method of METHODS) expect(SCOPE_ACCEPTS).toContain(method);
  });
});

describe('a named scope', () => {
  it.each(['orders:read', 'a:b', 'orders:items:read', 'shop.orders-v2_x:read-all.1'])(
    'accepts the named scope %j',
    (text) => {
      expect(isNamedScope(text)).toBe(true);
      expect(parseScope(text)).toBeUndefined();
    },
  );

  it.each([
    '',
    'orders',
    ':read',
    'orders:',
    'orders::read',
    'orders:read:',
    'Orders:read',
    'orders:Read',
    '1orders:read',
    'orders:read ',
    ' orders:read',
    'orders:read,x',
    'orders:*',
    'GET /orders:read',
    'GET /orders:read/x',
    '/orders:read',
  ])('rejects the named scope %j', (text) => {
    expect(isNamedScope(text)).toBe(false);
  });
});
