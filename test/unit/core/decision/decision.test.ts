import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide, denied } from '../../../../src/core/decision/decision.ts';
import { checkDigest, digestOf, NO_DIGEST } from '../../../../src/core/keys/digest.ts';
import { newKey } from '../../../../src/core/keys/key.ts';
import { statusOf, type KeyRecord } from '../../../../src/core/keys/record.ts';

const NOW = Date.UTC(2028, 1, 29, 12);
const key = newKey({ label: 'lk', randomBytes });
const record: KeyRecord = {
  prefix: key.prefix,
  label: 'lk',
  digest: digestOf(key.text),
  name: 'a key',
  scopes: [],
  metadata: {},
  createdAt: NOW - 1000,
  version: 1,
};
const reasonFor = async (change: Partial<Record<keyof KeyRecord, unknown>>, now = NOW) => {
  const decision = await decide({ record: { ...record, ...change } as KeyRecord, key, now });
  return decision.allowed ? 'allowed' : decision.reason;
};

describe('a decision', () => {
  it('allows a valid key, and returns its record', async () => {
    expect(await decide({ record, key, now: NOW })).toEqual({ allowed: true, record, limits: {} });
  });

  it('rejects a prefix without a record', async () => {
    expect(await decide({ record: undefined, key, now: NOW })).toEqual({ allowed: false, reason: 'unknown' });
  });

  it('rejects a known prefix with another secret', async () => {
    const guess = newKey({ label: 'lk', randomBytes, prefix: key.prefix });
    expect(await decide({ record, key: guess, now: NOW })).toEqual({ allowed: false, reason: 'mismatch' });
  });

  it('does not reveal the state of a key to a caller with a wrong secret', async () => {
    const guess = newKey({ label: 'lk', randomBytes, prefix: key.prefix });
    expect(await decide({ record: { ...record, revokedAt: 1, expiresAt: 1 }, key: guess, now: NOW })).toEqual({
      allowed: false,
      reason: 'mismatch',
    });
  });

  it('rejects a key with another label in a shared table', async () => {
    expect(await reasonFor({ label: 'partner' })).toBe('unknown');
  });

  it('rejects a revoked key at any time, before it checks the expiry', async () => {
    expect(await reasonFor({ revokedAt: NOW + 1000 })).toBe('revoked');
    expect(await reasonFor({ revokedAt: NOW - 1000, expiresAt: NOW - 2000 })).toBe('revoked');
  });

  it('rejects a disabled key, even if the time is in the future', async () => {
    expect(await reasonFor({ disabledAt: NOW - 1 })).toBe('disabled');
    expect(await reasonFor({ disabledAt: NOW + 1000 })).toBe('disabled');
    expect(await reasonFor({ disabledAt: NOW, revokedAt: NOW })).toBe('revoked');
    expect(await reasonFor({ disabledAt: 'yesterday' })).toBe('corrupt');
  });

  it('rejects a key from the exact millisecond of its expiry', async () => {
    expect(await reasonFor({ expiresAt: NOW + 1 })).toBe('allowed');
    expect(await reasonFor({ expiresAt: NOW })).toBe('expired');
    expect(await reasonFor({ expiresAt: NOW - 1 })).toBe('expired');
  });

  it('allows a key from the exact millisecond of its notBefore time', async () => {
    expect(await reasonFor({ notBefore: NOW + 1 })).toBe('not_yet_valid');
    expect(await reasonFor({ notBefore: NOW })).toBe('allowed');
    expect(await reasonFor({ notBefore: NOW - 1 })).toBe('allowed');
  });

  it('reports an expired key as expired even if it was never valid', async () => {
    expect(await reasonFor({ notBefore: NOW + 2, expiresAt: NOW })).toBe('expired');
    expect(await reasonFor({ notBefore: NOW + 2, revokedAt: NOW })).toBe('revoked');
  });

  it.each([
    ['a digest of an unknown algorithm', { digest: 'md5$abc' }],
    ['a truncated digest', { digest: record.digest.slice(0, -1) }],
    ['a digest that is too long', { digest: `${record.digest}A` }],
    ['an empty digest', { digest: '' }],
    ['no digest', { digest: undefined }],
    ['a digest that is a number', { digest: 7 }],
    ['scopes that are a string', { scopes: 'GET /' }],
    ['missing scopes, which would allow the whole stage', { scopes: undefined }],
    ['an expiry that is a string, which would never be reached', { expiresAt: 'tomorrow' }],
    ['a revocation time that is a string', { revokedAt: 'yesterday' }],
    ['an expiry that is NaN', { expiresAt: NaN }],
    ['a notBefore time that is a string, which would never compare as later', { notBefore: 'tomorrow' }],
    ['a notBefore time that is null', { notBefore: null }],
    ['missing metadata', { metadata: undefined }],
    ['metadata that is null', { metadata: null }],
    ['metadata that is a string', { metadata: 'x' }],
    ['a name that is a number', { name: 7 }],
    ['a scope that is a number', { scopes: ['GET /', 7] }],
    ['a plan that is a number', { plan: 7 }],
    ['a first key of the rotation chain that is a number', { countsAs: 7 }],
    ['an unknown version of the usage identifier', { usageId: 3 }],
    ['unreadable limits, which would not be enforced', { limits: { rate: 'many' } }],
  ])('denies and reports a record with %s, and does not throw', async (_what, change) => {
    expect(await reasonFor(change)).toBe('corrupt');
  });
});

it('allows a key whose record has every field', async () => {
  const full = {
    scopes: ['GET /'],
    plan: 'free',
    countsAs: 'mnopqrstuvwx',
    limits: { rate: '1/s' },
    metadata: { a: 1 },
  };
  expect(await reasonFor(full)).toBe('allowed');
});

describe('a decision under a plan', () => {
  const plans = { free: { rate: '10/s', quota: '5/day' } };

  it('returns the effective limits with the record, and leaves the record as it is stored', async () => {
    const stored = { ...record, plan: 'free', limits: { quota: '9/day' } };
    const decision = await decide({ record: stored, key, now: NOW, plans });
    expect(decision).toEqual({ allowed: true, record: stored, limits: { rate: '10/s', quota: '9/day' } });
    expect(decision.allowed && decision.record).toBe(stored);
  });

  it('denies a key whose plan is not configured, unless an earlier check denies it', async () => {
    const stored = { ...record, plan: 'gold' };
    expect(await decide({ record: stored, key, now: NOW, plans })).toEqual(denied('plan'));
    expect(await decide({ record: { ...stored, expiresAt: NOW }, key, now: NOW, plans })).toEqual(denied('expired'));
  });
});

describe('a digest', () => {
  it('matches a digest only with its own key', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (one, other) => {
        expect(checkDigest(one, digestOf(one))).toBe('match');
        if (one !== other) expect(checkDigest(other, digestOf(one))).toBe('mismatch');
      }),
    );
  });

  it('hashes with SHA-256, and names the algorithm in the digest', () => {
    // FIPS 180-4 test vector for "abc"
    expect(digestOf('abc')).toBe(
      `sha256$${Buffer.from('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad', 'hex').toString('base64url')}`,
    );
  });

  it('never throws for any stored digest', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.string().map((text) => `sha256$${text}`),
        ),
        (stored) => {
          expect(checkDigest(key.text, stored)).toBe('unreadable');
        },
      ),
    );
  });

  it('uses a placeholder digest of the same form for unknown prefixes', () => {
    expect(checkDigest(key.text, NO_DIGEST)).toBe('mismatch');
  });
});

describe('the status of a key', () => {
  const time = fc.option(fc.integer({ min: NOW - 10, max: NOW + 10 }), { nil: undefined });

  it('keeps a revoked key revoked, and an expired key expired as time passes', () => {
    fc.assert(
      fc.property(time, time, fc.array(fc.nat(5), { minLength: 2 }), (expiresAt, revokedAt, steps) => {
        let now = NOW - 10;
        let seen = statusOf({ expiresAt, revokedAt }, now);
        for (const step of steps) {
          now += step;
          const status = statusOf({ expiresAt, revokedAt }, now);
          if (seen !== 'active') expect(status).toBe(seen);
          seen = status;
        }
        expect(seen === 'revoked').toBe(revokedAt !== undefined);
      }),
    );
  });
});
