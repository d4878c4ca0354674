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

describe('what a key permits', () => {
  it('is its routes and its names', () => {
    expect(permittedByKey(['GET /a', 'orders:read', '$connect'], 'whole-stage')).toEqual({
      routes: ['GET /a', '$connect'],
      names: ['orders:read'],
    });
  });

  it('is without routes what the deployment says of such keys', () => {
    expect(permittedByKey([], 'whole-stage')).toEqual({ routes: 'all', names: [] });
    expect(permittedByKey(['orders:read'], 'whole-stage')).toEqual({ routes: 'all', names: ['orders:read'] });
    expect(permittedByKey(['orders:read'], 'nothing')).toEqual({ routes: [], names: ['orders:read'] });
  });

  it('is not more than that if a scope is broken', () => {
    expect(permittedByKey(['GETT /a'], 'whole-stage').routes).toEqual(['GETT /a']);
  });
});

describe('what a list permits', () => {
  it('is what it says, and of what it does not say nothing', () => {
    expect(permittedByList(['GET /a', 'orders:read'])).toEqual({ routes: ['GET /a'], names: ['orders:read'] });
    expect(permittedByList([])).toEqual({ routes: [], names: [] });
  });

  it('is not known if one of it is no scope, wherever that stands', () => {
    for (const list of [['GET'], ['GET /a', 'orders:read', 'GET']]) {
      expect(() => permittedByList(list)).toThrow(TypeError);
      expect(() => permittedByCredential(list, 'nothing')).toThrow('"GET" is not a valid scope');
    }
  });
});

describe('what the scopes of another credential permit', () => {
  it('is everything where nobody gives scopes', () => {
    expect(permittedByCredential(undefined, 'nothing')).toEqual(ALL);
  });

  it('is what a list says, and nothing if that is empty', () => {
    expect(permittedByCredential([], 'whole-stage')).toEqual({ routes: [], names: [] });
    expect(permittedByCredential(['GET /a'], 'whole-stage')).toEqual({ routes: ['GET /a'], names: [] });
    expect(permittedByCredential(['GET /a', 'orders:read'], 'whole-stage')).toEqual({
      routes: ['GET /a'],
      names: ['orders:read'],
    });
  });

  it('is, for names alone, the routes of a key without scopes', () => {
    expect(permittedByCredential(['orders:read'], 'whole-stage')).toEqual({ routes: 'all', names: ['orders:read'] });
    expect(permittedByCredential(['orders:read'], 'nothing')).toEqual({ routes: [], names: ['orders:read'] });
  });
});

describe('what two permit together', () => {
  const one = { routes: ['GET /a/*'], names: ['a:read', 'a:write'] };
  const other = { routes: ['GET /*'], names: ['a:write', 'b:read'] };

  it('is what both do, whichever comes first', () => {
    const both = { routes: ['GET /a/*'], names: ['a:write'] };
    expect(bothPermit(one, other)).toMatchObject(both);
    expect(bothPermit(other, one)).toMatchObject(both);
  });

  it('is all of the one if the other says nothing', () => {
    expect(bothPermit(one, ALL)).toEqual(one);
    expect(bothPermit(ALL, one)).toEqual(one);
    expect(bothPermit(ALL, ALL)).toEqual(ALL);
  });
});

it('the API behind sees the scopes that somebody has given, and no others', () => {
  expect(scopesOf({ routes: ['GET /a'], names: ['orders:read'] })).toEqual(['GET /a', 'orders:read']);
  expect(scopesOf({ routes: 'all', names: ['orders:read'] })).toEqual(['orders:read']);
  expect(scopesOf({ routes: ['GET /a'], names: 'all' })).toEqual(['GET /a']);
  expect(scopesOf(ALL)).toEqual([]);
});

describe('as a policy', () => {
  const opens = (routes: 'all' | string[], call: string) =>
    iamPermits(policyOf({ routes, names: 'all' }, STAGE_ARN), `${STAGE_ARN}/${call}`);

  it('all is the whole stage, none is nothing, and some are these', () => {
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

  it("gives a key's own scopes the same policy as the stock authorizer, whatever its size", () => {
    const own = bothPermit(permittedByKey(many, 'nothing'), ALL);
    expect(policyOf(own, STAGE_ARN)).toEqual(allowPolicy(many, STAGE_ARN, 'nothing'));
  });
});
