import { describe, expect, it } from 'vitest';
import type { KeyRecord } from '../../../../src/core/keys/record.ts';
import { usageIdentifier, usageKeyName, usagePlanOf } from '../../../../src/core/limits/usage-identifier.ts';

const NOW = 1000;
const record: KeyRecord = {
  prefix: 'abcdefghijkl',
  label: 'lk_live',
  digest: 'sha256$…',
  name: 'a key',
  scopes: [],
  metadata: {},
  plan: 'pro',
  createdAt: 0,
  version: 1,
};

describe('the API Gateway key of a key', () => {
  const rotated: KeyRecord = { ...record, countsAs: 'mnopqrstuvwx' };

  it('names the API Gateway key after the label and the first key of the rotation chain', () => {
    expect(usageKeyName(record)).toBe('latchkey:lk_live:abcdefghijkl');
    expect(usageKeyName(rotated)).toBe('latchkey:lk_live:mnopqrstuvwx');
  });

  it('generates an alphanumeric value of 20 to 128 characters that all keys of a rotation chain share', () => {
    const first: KeyRecord = { ...record, prefix: 'mnopqrstuvwx', usageId: 2 };
    const value = usageIdentifier(first);
    expect(value).toMatch(/^[0-9A-Za-z]{20,128}$/);
    expect(usageIdentifier({ ...rotated, usageId: 2 })).toBe(value);
    expect(usageIdentifier({ ...first, prefix: 'other' })).not.toBe(value);
    expect(usageIdentifier({ ...first, label: 'lk_test' })).not.toBe(value);
  });

  it('keeps the value of the release that wrote the record', () => {
    expect(usageIdentifier(record)).toBe('latchkey:lk_live:abcdefghijkl');
    expect(usageIdentifier(rotated)).toBe('latchkey:lk_live:mnopqrstuvwx');
  });

  it('adds the API Gateway key to the plan of the key while the key is usable', () => {
    expect(usagePlanOf(record, NOW)).toBe('pro');
    expect(usagePlanOf({ ...record, plan: undefined }, NOW)).toBeUndefined();
    expect(usagePlanOf({ ...record, expiresAt: NOW }, NOW)).toBeUndefined();
    expect(usagePlanOf({ ...record, revokedAt: 1 }, NOW)).toBeUndefined();
    expect(usagePlanOf(undefined, NOW)).toBeUndefined();
  });
});
