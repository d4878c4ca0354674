import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { decide, denied } from '../../../../src/core/decision/decision.ts';
import { digestOf } from '../../../../src/core/keys/digest.ts';
import { newKey } from '../../../../src/core/keys/key.ts';
import type { KeyRecord } from '../../../../src/core/keys/record.ts';
import { isSuspended, type OwnerRecord } from '../../../../src/core/keys/owner.ts';

const NOW = Date.UTC(2028, 1, 29, 12);
const owner: OwnerRecord = { label: 'lk', ownerId: 'acme' };

describe('an owner', () => {
  it('treats an owner without a record or after a resume as not suspended', () => {
    expect(isSuspended(undefined)).toBe(false);
    expect(isSuspended(owner)).toBe(false);
    expect(isSuspended({ ...owner, suspendedBy: 'ann', suspendedReason: 'unpaid', resumedAt: NOW })).toBe(false);
  });

  it('treats an owner as suspended if its record has any suspension time, even an invalid one', () => {
    for (const suspendedAt of [NOW, 0, NaN, null, '', false])
      expect(isSuspended({ ...owner, suspendedAt: suspendedAt as number }), String(suspendedAt)).toBe(true);
  });
});

describe('a decision about the key of an owner', () => {
  const key = newKey({ label: 'lk', randomBytes });
  const record = {
    prefix: key.prefix,
    label: 'lk',
    digest: digestOf(key.text),
    name: 'a key',
    ownerId: 'acme',
    scopes: [],
    metadata: {},
    createdAt: NOW,
    version: 1,
  };
  const decideWith = (read: OwnerRecord | undefined, fields: Partial<KeyRecord> = {}) =>
    decide({ record: { ...record, ...fields }, key, now: NOW, owner: () => Promise.resolve(read) });

  it('denies a key while its owner is suspended', async () => {
    expect(await decideWith({ ...owner, suspendedAt: NOW })).toEqual(denied('suspended'));
  });

  it('allows a key whose owner is not suspended', async () => {
    expect(await decideWith(owner)).toEqual({ allowed: true, record, limits: {} });
    expect(await decideWith(undefined)).toEqual({ allowed: true, record, limits: {} });
  });

  it('keeps the reason of an earlier check', async () => {
    expect(await decideWith({ ...owner, suspendedAt: NOW }, { expiresAt: NOW })).toEqual(denied('expired'));
  });
});
