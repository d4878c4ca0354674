import { describe, expect, it } from 'vitest';
import {
  ALL,
  bothPermit,
  permittedByCredential,
  permittedByKey,
  permittedByList,
  policyOf,
  scopesOf,
} from '../../../../src/core/scopes/permitted.ts';
import { allowPolicy } from '../../../../src/core/scopes/policy.ts';
import { STAGE_ARN } from '../../../support/authorizer/events.ts';
import { iamPermits } from '../../../support/core/scopes/iam-evaluator.ts';

describe('the permissions of a key', () => {
  it('splits the scopes of a key into routes and names', () => {
    expect(permittedByKey(['GET /a', 'orders:read', '$connect'], 'whole-stage')).toEqual({
      routes: ['GET /a', '$connect'],
      names: ['orders:read'],
    });
  });

  it('allows a key without route scopes what the deployment configures for such keys', () => {
    expect(permittedByKey([], 'whole-stage')).toEqual({ routes: 'all', names: [] });
    expect(permittedByKey(['orders:read'], 'whole-stage')).toEqual({ routes: 'all', names: ['orders:read'] });
    expect(permittedByKey(['orders:read'], 'nothing')).toEqual({ routes: [], names: ['orders:read'] });
  });

  it('does not widen the permissions of a key with an invalid scope', () => {
    expect(permittedByKey(['GETT /a'], 'whole-stage').routes).toEqual(['GETT /a']);
  });
});

describe('the permissions of a list', () => {
  it('allows only the routes and names in a list of scopes', () => {
    expect(permittedByList(['GET /a', 'orders:read'])).toEqual({ routes: ['GET /a'], names: ['orders:read'] });
    expect(permittedByList([])).toEqual({ routes: [], names: [] });
  });

  it('throws for a list with an invalid scope at any position', () => {
    for (const list of [['GET'], ['GET /a', 'orders:read', 'GET']]) {
      expect(() => permittedByList(list)).toThrow(TypeError);
      expect(() => permittedByCredential(list, 'nothing')).toThrow('"GET" is not a valid scope');
    }
  });
});

describe('the permissions of another credential', () => {
  it('allows everything to a credential without a list of scopes', () => {
    expect(permittedByCredential(undefined, 'nothing')).toEqual(ALL);
  });

  it('allows only the routes in a list of scopes, and nothing for an empty list', () => {
    expect(permittedByCredential([], 'whole-stage')).toEqual({ routes: [], names: [] });
    expect(permittedByCredential(['GET /a'], 'whole-stage')).toEqual({ routes: ['GET /a'], names: [] });
    expect(permittedByCredential(['GET /a', 'orders:read'], 'whole-stage')).toEqual({
      routes: ['GET /a'],
      names: ['orders:read'],
    });
  });

  it('treats a list of only named scopes like a key without route scopes', () => {
    expect(permittedByCredential(['orders:read'], 'whole-stage')).toEqual({ routes: 'all', names: ['orders:read'] });
    expect(permittedByCredential(['orders:read'], 'nothing')).toEqual({ routes: [], names: ['orders:read'] });
  });
});

describe('the intersection of two permissions', () => {
  const one = { routes: ['GET /a/*'], names: ['a:read', 'a:write'] };
  const other = { routes: ['GET /*'], names: ['a:write', 'b:read'] };

  it('returns the intersection of two permissions, in either order', () => {
    const both = { routes: ['GET /a/*'], names: ['a:write'] };
    expect(bothPermit(one, other)).toMatchObject(both);
    expect(bothPermit(other, one)).toMatchObject(both);
  });

  it('returns the other permissions if one side is unrestricted', () => {
    expect(bothPermit(one, ALL)).toEqual(one);
    expect(bothPermit(ALL, one)).toEqual(one);
    expect(bothPermit(ALL, ALL)).toEqual(ALL);
  });
});

it('returns the granted scopes for the context, and no others', () => {
  expect(scopesOf({ routes: ['GET /a'], names: ['orders:read'] })).toEqual(['GET /a', 'orders:read']);
  expect(scopesOf({ routes: 'all', names: ['orders:read'] })).toEqual(['orders:read']);
  expect(scopesOf({ routes: ['GET /a'], names: 'all' })).toEqual(['GET /a']);
  expect(scopesOf(ALL)).toEqual([]);
});

describe('the policy of permissions', () => {
  const opens = (routes: 'all' | string[], call: string) =>
    iamPermits(policyOf({ routes, names: 'all' }, STAGE_ARN), `${STAGE_ARN}/${call}`);

  it('allows the whole stage for all routes, nothing for none, and otherwise only the given routes', () => {
    expect(opens('all', 'DELETE/x')).toBe(true);
    expect(opens([], 'GET/a')).toBe(false);
    expect(opens(['GET /a'], 'GET/a')).toBe(true);
    expect(opens(['GET /a'], 'GET/b')).toBe(false);
  });

  const many = Array.from({ length: 100 }, (_, nth) => `GET /resources/number-${String(nth)}`);

  it('rejects an intersection that needs a larger policy than API Gateway accepts', () => {
    const both = bothPermit({ routes: many, names: [] }, { routes: ['* /*'], names: [] });
    expect(() => policyOf(both, STAGE_ARN)).toThrow(RangeError);
    expect(() => policyOf(both, STAGE_ARN)).toThrow('the policy could have');
  });

  it("gives a key's own scopes the same policy as the stock authorizer, regardless of their size", () => {
    const own = bothPermit(permittedByKey(many, 'nothing'), ALL);
    expect(policyOf(own, STAGE_ARN)).toEqual(allowPolicy(many, STAGE_ARN, 'nothing'));
  });
});
