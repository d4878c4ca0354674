import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../../../src/core/decision/decision.ts';
import { digestOf } from '../../../../src/core/keys/digest.ts';
import { newKey } from '../../../../src/core/keys/key.ts';
import { statusOf, type KeyRecord } from '../../../../src/core/keys/record.ts';
import { parseInstant } from '../../../../src/management/expiry.ts';
import { aRecord, LABEL } from '../../../support/storage/records.ts';

const key = newKey({ label: LABEL, randomBytes });
const record = aRecord({ prefix: key.prefix, digest: digestOf(key.text) });
const isIn = async (fields: Partial<KeyRecord>, now: number) =>
  (await decide({ record: { ...record, ...fields }, key, now })).allowed;
const DAY = 86_400_000;

describe('the expiry of a key', () => {
  it('allows a key before its expiry and rejects it from then on, for any time', async () => {
    const instant = fc.integer({ min: 400 * DAY, max: Date.UTC(9999, 11, 31) });
    const distance = fc.oneof(fc.constantFrom(1, 999, 1000, DAY), fc.integer({ min: 1, max: 400 * DAY }));
    await fc.assert(
      fc.asyncProperty(instant, distance, async (expiresAt, ms) => {
        expect(await isIn({ expiresAt }, expiresAt - ms)).toBe(true);
        expect(await isIn({ expiresAt }, expiresAt)).toBe(false);
        expect(await isIn({ expiresAt }, expiresAt + ms)).toBe(false);
      }),
    );
  });

  it('depends only on the current time: if the clock jumps back before the expiry, the key is allowed again', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 2000 }), { minLength: 1 }), async (clock) => {
        for (const now of clock) expect(await isIn({ expiresAt: 1000 }, now)).toBe(now < 1000);
      }),
    );
  });

  it('rejects a revoked key at any time, even before the revocation', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0 }), fc.integer({ min: 0 }), async (revokedAt, now) => {
        expect(await isIn({ revokedAt }, now)).toBe(false);
        expect(statusOf({ revokedAt, expiresAt: now + 1 }, now)).toBe('revoked');
      }),
    );
  });

  it.each([NaN, Infinity, -Infinity])('rejects a key with the expiry %s as corrupt', async (expiresAt) => {
    expect(await isIn({ expiresAt }, 0)).toBe(false);
  });

  it('rejects a key with an expiry if the clock returns NaN', async () => {
    expect(await isIn({ expiresAt: 1000 }, NaN)).toBe(false);
  });
});

describe('parsing a time', () => {
  const at = (text: string, now: string) => {
    const instant = parseInstant(text, Date.parse(now));
    return instant === undefined ? undefined : new Date(instant).toISOString();
  };

  it.each([
    ['2028-02-29', '2027-01-01T00:00:00Z', '2028-02-29T00:00:00.000Z'],
    ['1d', '2028-02-28T12:00:00Z', '2028-02-29T12:00:00.000Z'],
    ['1d', '2027-02-28T12:00:00Z', '2027-03-01T12:00:00.000Z'],
    ['366d', '2028-01-01T00:00:00Z', '2029-01-01T00:00:00.000Z'],
    ['2028-12-31T23:59:59.999Z', '2027-01-01T00:00:00Z', '2028-12-31T23:59:59.999Z'],
    ['9999-12-31', '2027-01-01T00:00:00Z', '9999-12-31T00:00:00.000Z'],
    ['2027-03-28T01:30:00+01:00', '2027-01-01T00:00:00Z', '2027-03-28T00:30:00.000Z'],
    ['2027-10-31T02:30:00+02:00', '2027-01-01T00:00:00Z', '2027-10-31T00:30:00.000Z'],
    ['2027-10-31T02:30:00+01:00', '2027-01-01T00:00:00Z', '2027-10-31T01:30:00.000Z'],
  ])('reads %s at %s as %s', (text, now, instant) => {
    expect(at(text, now)).toBe(instant);
  });

  it.each([
    '2027-02-29',
    '2100-02-29',
    '2027-04-31',
    '2027-01-31T24:00:00Z',
    '2027-06-30T23:59:60Z',
    '2027-03-28T02:30:00',
    '10000-01-01',
    '8000y',
  ])('rejects %s as a time', (text) => {
    expect(at(text, '2027-01-01T00:00:00Z')).toBeUndefined();
  });

  it('reads the same time in every time zone: a day has 24 hours, also when daylight saving time changes', () => {
    const zone = process.env['TZ'];
    try {
      for (const name of ['UTC', 'Europe/Zurich', 'America/New_York', 'Asia/Kathmandu', 'Pacific/Apia']) {
        process.env['TZ'] = name;
        expect(at('1d', '2027-03-27T12:00:00Z'), name).toBe('2027-03-28T12:00:00.000Z');
        expect(at('1d', '2027-10-30T12:00:00Z'), name).toBe('2027-10-31T12:00:00.000Z');
        expect(at('2027-03-28', '2027-01-01T00:00:00Z'), name).toBe('2027-03-28T00:00:00.000Z');
      }
    } finally {
      if (zone === undefined) delete process.env['TZ'];
      else process.env['TZ'] = zone;
    }
  });
});
