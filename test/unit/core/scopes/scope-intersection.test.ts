import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bothPermit,
  permittedByKey,
  permittedByList,
  policyOf,
  scopesOf,
} from '../../../../src/core/scopes/permitted.ts';
import { allowPolicy } from '../../../../src/core/scopes/policy.ts';
import { intersectPatterns, intersectRoutes } from '../../../../src/core/scopes/scope-intersection.ts';
import { STAGE_ARN } from '../../../support/authorizer/events.ts';
import { iamPermits } from '../../../support/core/scopes/iam-evaluator.ts';

/** Matches a pattern as IAM does, with a regular expression instead of our implementation. */
const matches = (pattern: string, text: string) =>
  new RegExp(
    `^${pattern
      .split('*')
      .map((part) => part.replaceAll(/[.$]/g, '\\$&'))
      .join('.*')}$`,
  ).test(text);

describe('the intersection of patterns', () => {
  it.each([
    ['/orders/*', '/orders/*', ['/orders/*']],
    ['/orders/*', '/*', ['/orders/*']],
    ['/orders/*', '/invoices/*', []],
    ['/orders/*', '/*/items', ['/orders/*/items', '/orders/items']],
    ['/a*', '/*b', ['/a*b']],
    ['/ab*bc', '/abb*c', ['/abb*bc', '/abbc']],
    ['/**', '/x', ['/x']],
    ['/ab*', '/*b*', ['/ab*']],
    ['/*b', '/*b*', ['/*b']],
    ['/a*', '/a', ['/a']],
    ['/a', '/a', ['/a']],
    ['/a', '/b', []],
    ['/a', '/ab', []],
  ])('intersects %s and %s', (one, other, expected) => {
    expect(intersectPatterns(one, other).toSorted()).toEqual(expected.toSorted());
  });

  it('matches exactly what both patterns match', () => {
    // Few characters, so that patterns often overlap.
    const pattern = fc
      .array(fc.constantFrom('a', 'b', '/', '*'), { maxLength: 8 })
      .map((parts) => `/${parts.join('')}`);
    const text = fc.array(fc.constantFrom('a', 'b', '/'), { maxLength: 9 }).map((parts) => `/${parts.join('')}`);
    fc.assert(
      fc.property(pattern, pattern, fc.array(text, { minLength: 5 }), (one, other, texts) => {
        const both = intersectPatterns(one, other);
        for (const sample of [...texts, one.replaceAll('*', 'a'), other.replaceAll('*', '')]) {
          const expected = matches(one, sample) && matches(other, sample);
          expect(
            both.some((each) => matches(each, sample)),
            `${sample} by ${both.join(' ')}`,
          ).toBe(expected);
        }
        // No pattern covers another, because a policy has limited space. Only a star matches a star.
        expect(both.filter((each) => both.some((other) => other !== each && matches(other, each)))).toEqual([]);
        expect(new Set(both).size).toBe(both.length);
      }),
      { numRuns: 3000 },
    );
  });

  it('rejects patterns with too many stars instead of widening them', () => {
    const stars = (letters: string) => `/${letters.replaceAll(/./g, '*$&')}*`;
    expect(() => intersectPatterns(stars('abcdefgh'), stars('stuvwxyz'))).toThrow(
      new RangeError('there are too many scopes, or too many stars in them, to intersect; use fewer scopes or stars'),
    );
  });
});

describe('the intersection of routes', () => {
  it('rejects routes whose intersection would exceed a policy, without a long computation', () => {
    const key = Array.from({ length: 20 }, (_, index) => `GET /v1/*/orders/*/part${String(index)}`);
    const list = Array.from({ length: 20 }, (_, index) => `GET /*/eu/*/p${String(index)}*`);
    expect(() => intersectRoutes(key, list)).toThrow(
      new RangeError('there are too many scopes, or too many stars in them, to intersect; use fewer scopes or stars'),
    );
  });

  it.each([
    [['GET /orders/*'], ['* /orders/1'], ['GET /orders/1']],
    [['GET /a', 'POST /a'], ['POST /*'], ['POST /a']],
    [['$connect', 'GET /a'], ['$connect'], ['$connect']],
    [['$connect'], ['* /*'], []],
    [['$connect'], ['GET /$connect'], []],
    [['$connect', '$connect'], ['$connect'], ['$connect']],
    [['GET /a'], ['POST /a'], []],
    [['GET /a/*', 'GET /a/b'], ['* /*'], ['GET /a/*']],
    [['GET /a/*', 'POST /a/b'], ['* /*'], ['GET /a/*', 'POST /a/b']],
    [['GET /a', 'GETT /b', 'GET b'], ['* /*'], ['GET /a']],
    // The halves of a dot segment combine to `/a/./b`, which no scope may contain.
    [['GET /a/.*'], ['GET /a/*./b'], ['GET /a/.*./b']],
    [['GET /a'], [], []],
  ])('intersects the routes %j and %j', (one, other, expected) => {
    expect(intersectRoutes(one, other)).toEqual(expected);
    expect(intersectRoutes(other, one).toSorted()).toEqual(expected.toSorted());
  });

  const path = fc
    .array(fc.constantFrom('orders', '1', '*', 'items', 'a*'), { minLength: 1, maxLength: 3 })
    .map((parts) => `/${parts.join('/')}`);
  const scope = fc.tuple(fc.constantFrom('GET', 'POST', '*'), path).map(([method, route]) => `${method} ${route}`);
  const scopes = fc.array(scope, { minLength: 1, maxLength: 3 });
  const calls = fc.array(
    fc.tuple(
      fc.constantFrom('GET', 'POST', 'DELETE'),
      fc
        .array(fc.constantFrom('orders', '1', 'items', 'ab', 'x'), { minLength: 1, maxLength: 4 })
        .map((parts) => `/${parts.join('/')}`),
    ),
    { minLength: 1, maxLength: 6 },
  );

  it('allows exactly the calls that IAM allows under both lists of scopes', () => {
    fc.assert(
      fc.property(scopes, scopes, calls, (one, other, some) => {
        const both = bothPermit(permittedByKey(one, 'nothing'), permittedByList(other));
        const policy = policyOf(both, STAGE_ARN);
        for (const [method, route] of some) {
          const arn = `${STAGE_ARN}/${method}${route}`;
          const expected = [one, other].every((list) => iamPermits(allowPolicy(list, STAGE_ARN, 'nothing'), arn));
          expect(iamPermits(policy, arn), `${method} ${route}`).toBe(expected);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('the intersection of a key and a list', () => {
  const key = (...scopes: string[]) => permittedByKey(scopes, 'whole-stage');

  it('allows a key without scopes what the list allows, or nothing if the deployment allows such keys nothing', () => {
    const list = permittedByList(['GET /orders/*']);
    expect(scopesOf(bothPermit(key(), list))).toEqual(['GET /orders/*']);
    expect(bothPermit(permittedByKey([], 'nothing'), list)).toMatchObject({ routes: [], names: [] });
  });

  it('keeps the names that both have, and no routes if the list has none', () => {
    const own = key('GET /orders/*', 'orders:read', 'orders:write');
    expect(scopesOf(bothPermit(own, permittedByList(['GET /*', 'orders:read', 'users:read'])))).toEqual([
      'GET /orders/*',
      'orders:read',
    ]);
    expect(bothPermit(own, permittedByList(['orders:read'])).routes).toEqual([]);
  });

  it('throws for a list with an invalid scope', () => {
    expect(() => permittedByList(['GET orders'])).toThrow(
      /"GET orders" is not a valid scope; accepted: "METHOD \/path"/,
    );
  });

  it('allows nothing for a key with an invalid scope', () => {
    expect(iamPermits(policyOf(key('GETT /orders'), STAGE_ARN), `${STAGE_ARN}/GET/orders`)).toBe(false);
    expect(iamPermits(policyOf(key('orders:read'), STAGE_ARN), `${STAGE_ARN}/GET/orders`)).toBe(true);
  });
});
