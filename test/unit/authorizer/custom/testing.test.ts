import { describe, expect, it } from 'vitest';
import type { RequestView } from '../../../../src/authorizer/custom/request-view.ts';
import { expectDeclaredReads, testRequest } from '../../../../src/authorizer/custom/testing.ts';

const TENANT = 'method.request.header.X-Tenant';
const reading = (read: (request: RequestView) => unknown) => expectDeclaredReads({ identitySources: [TENANT], read });

describe('expectDeclaredReads', () => {
  it('expectDeclaredReads accepts code that reads what it declares in any case, and ignores what it throws', async () => {
    await reading((request) => request.header('x-TENANT'));
    await reading(() => {
      throw new Error('on every request');
    });
    await expectDeclaredReads({
      identitySources: [
        'method.request.header.Cookie',
        'context.httpMethod',
        'context.path',
        'context.identity.sourceIp',
        'method.request.querystring.t',
      ],
      read: (request) => [
        request.cookie('a'),
        request.method,
        request.path,
        request.sourceIp,
        request.query('t'),
        request.stage,
      ],
    });
  });

  it.each<[string, (request: RequestView) => unknown, string]>([
    ['another header', (request) => request.header('X-Debug'), 'method.request.header.X-Debug'],
    ['a cookie', (request) => request.cookie('session'), 'method.request.header.Cookie'],
    ['a query parameter', (request) => request.query('key'), 'method.request.querystring.key'],
    ['the method', (request) => request.method, 'context.httpMethod'],
    ['the path', (request) => request.path, 'context.path'],
    ['the address', (request) => request.sourceIp, 'context.identity.sourceIp'],
  ])('expectDeclaredReads reports a read of %s', async (_what, read, source) => {
    await expect(reading(read)).rejects.toThrow(`The code reads ${source}, but declares ${TENANT}.`);
  });

  it('expectDeclaredReads reports a read whose error is caught, a delayed read, and a conditional read', async () => {
    await expect(
      reading((request) => {
        try {
          return request.header('X-Debug');
        } catch {
          return undefined;
        }
      }),
    ).rejects.toThrow('X-Debug');
    await expect(
      reading(async (request) => {
        await Promise.resolve();
        return request.path;
      }),
    ).rejects.toThrow('context.path');
    await expect(
      reading((request) =>
        request.header('x-tenant')?.startsWith('Bearer ') === true ? request.header('Origin') : 'key',
      ),
    ).rejects.toThrow('method.request.header.Origin');
  });
});

it('testRequest returns the same view of the request that the code receives', () => {
  const request = testRequest({ headers: { 'X-Tenant': 'acme', 'X-Debug': '1' }, stage: 'test' }, [TENANT]);
  expect(request.header('x-tenant')).toBe('acme');
  expect(request.stage).toBe('test');
  expect(() => request.header('x-debug')).toThrow(/x-debug was read but is not declared/);
});

describe('a part of a request', () => {
  const sources = [TENANT, 'method.request.header.X-Key', 'method.request.header.Cookie'] as const;
  const viewOf = (headers: Record<string, string>) => testRequest({ headers }, sources);

  it('trims only spaces and tabs around a part of the request, as for a key', () => {
    expect(viewOf({ 'x-tenant': ' \tacme\u00a0 ' }).header('X-Tenant')).toBe('acme\u00a0');
    expect(viewOf({ cookie: 'a=1; session=abc=; b=2' }).cookie('session')).toBe('abc=');
    expect(viewOf({ cookie: 'a=1' }).cookie('session')).toBeUndefined();
  });

  it('does not read a header whose name matches only after Unicode case mapping', () => {
    expect(viewOf({ 'X-\u212aey': 'kelvin' }).header('X-Key')).toBeUndefined();
    expect(viewOf({ 'x-key': 'k' }).header('X-Key')).toBe('k');
  });

  it('rejects a repeated part, even with the same value', () => {
    expect(viewOf({ 'X-Tenant': ' acme' }).header('X-Tenant')).toBe('acme');
    for (const again of ['acme', ' acme', 'other'])
      expect(() => viewOf({ 'X-Tenant': 'acme', 'x-tenant': again }).header('X-Tenant')).toThrow(/more than once/);
    for (const again of ['a', 'b'])
      expect(() => viewOf({ cookie: `session=a; session=${again}` }).cookie('session')).toThrow(/more than once/);
  });
});
