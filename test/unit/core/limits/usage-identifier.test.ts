import { describe, expect, it } from 'vitest';
import type { KeyRecord } from '../../../../src/core/keys/record.ts';
import { usageIdentifier, usagePlanOf } from '../../../../src/core/limits/usage-identifier.ts';

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

describe('what API Gateway counts a key under', () => {
  it('is its label and id, or those of the first of its chain of rotations', () => {
    expect(usageIdentifier(record)).toBe('latchkey:lk_live:abcdefghijkl');
    expect(usageIdentifier({ ...record, countsAs: 'mnopqrstuvwx' })).toBe('latchkey:lk_live:mnopqrstuvwx');
  });

  it('is on the plan of the key as long as that can be used', () => {
    expect(usagePlanOf(record, NOW)).toBe('pro');
    expect(usagePlanOf({ ...record, plan: undefined }, NOW)).toBeUndefined();
    expect(usagePlanOf({ ...record, expiresAt: NOW }, NOW)).toBeUndefined();
    expect(usagePlanOf({ ...record, revokedAt: 1 }, NOW)).toBeUndefined();
    expect(usagePlanOf(undefined, NOW)).toBeUndefined();
  });
});
