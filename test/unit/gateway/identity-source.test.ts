import { describe, expect, it } from 'vitest';
import {
  canonical,
  distinct,
  headerSource,
  httpIdentitySource,
  isIdentitySource,
  placeOf,
  querySource,
  SOURCE_IP,
} from '../../../src/gateway/identity-source.ts';

describe('a part of a request', () => {
  it.each([
    'method.request.header.X-Tenant',
    'method.request.header.x_tenant.1',
    'method.request.querystring.tenant',
    'context.identity.sourceIp',
    'context.httpMethod',
    'context.path',
  ])('accepts %s as a part of the cache key', (text) => {
    expect(isIdentitySource(text)).toBe(true);
  });

  it.each([
    '',
    'method.request.header.',
    'method.request.header.X Tenant',
    'method.request.header.X-Tenant, method.request.header.Y',
    'xmethod.request.header.X-Tenant',
    'methodXrequest.header.X-Tenant',
    'method.request.body.tenant',
    'method.request.path.id',
    'route.request.header.X-Tenant',
    '$request.header.X-Tenant',
    'context.identity.sourceIP',
    'context.stage',
    'context.path.x',
  ])('rejects %j as a part of the cache key', (text) => {
    expect(isIdentitySource(text)).toBe(false);
  });

  it('writes an identity source as an HTTP API expects it', () => {
    const sources = [headerSource('X-Tenant'), querySource('tenant'), SOURCE_IP] as const;
    expect(sources.map((source) => httpIdentitySource(source))).toEqual([
      '$request.header.X-Tenant',
      '$request.querystring.tenant',
      '$context.identity.sourceIp',
    ]);
  });

  it('keeps a header name that contains "method."', () => {
    expect(httpIdentitySource(headerSource('method.x'))).toBe('$request.header.method.x');
  });
});

describe('comparing parts of a request', () => {
  it('compares header names in any case, and query parameter names exactly', () => {
    expect(canonical(headerSource('X-Tenant'))).toBe(canonical(headerSource('x-tenant')));
    expect(canonical(querySource('Tenant'))).not.toBe(canonical(querySource('tenant')));
    expect(canonical('context.httpMethod')).toBe('context.httpMethod');
  });

  it('keeps each part once, as it was first written', () => {
    expect(distinct([])).toEqual([]);
    expect(
      distinct([
        headerSource('X-Tenant'),
        querySource('a'),
        headerSource('x-tenant'),
        querySource('A'),
        querySource('a'),
      ]).toSorted(),
    ).toEqual([headerSource('X-Tenant'), querySource('A'), querySource('a')]);
    expect(distinct([SOURCE_IP, querySource('a'), headerSource('b')])).toEqual([
      SOURCE_IP,
      querySource('a'),
      headerSource('b'),
    ]);
  });
});

it('names the header, query parameter or Cookie header that contains the key', () => {
  expect(placeOf({ header: 'x-api-key' })).toBe('method.request.header.x-api-key');
  expect(placeOf({ header: 'Authorization', scheme: 'Bearer' })).toBe('method.request.header.Authorization');
  expect(placeOf({ query: 'key' })).toBe('method.request.querystring.key');
  expect(placeOf({ cookie: 'session' })).toBe('method.request.header.Cookie');
});
