import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { decide, denied, underOwner } from '../../../../src/core/decision/decision.ts';
import { digestOf } from '../../../../src/core/keys/digest.ts';
import { newKey } from '../../../../src/core/keys/key.ts';
import { isSuspended, type OwnerRecord } from '../../../../src/core/keys/owner.ts';

const NOW = Date.UTC(2028, 1, 29, 12);
const owner: OwnerRecord = { label: 'lk', ownerId: 'acme' };

describe('an owner', () => {
  it('is not suspended if nothing is known of it, or if it was resumed', () => {
    expect(isSuspended(undefined)).toBe(false);
    expect(isSuspended(owner)).toBe(false);
    expect(isSuspended({ ...owner, suspendedBy: 'ann', suspendedReason: 'unpaid', resumedAt: NOW })).toBe(false);
  });

  it('is suspended as soon as there is a time of it, whatever an editor has made of that', () => {
    for (const suspendedAt of [NOW, 0, NaN, null, '', false])
      expect(isSuspended({ ...owner, suspendedAt: suspendedAt as number }), String(suspendedAt)).toBe(true);
  });
});

describe('a decision about the key of an owner', () => {
  const key = newKey({ label: 'lk', randomBytes });
  const decision = decide(
    {
      prefix: key.prefix,
      label: 'lk',
      digest: digestOf(key.text),
      name: 'a key',
      ownerId: 'acme',
      scopes: [],
      metadata: {},
      createdAt: NOW,
      version: 1,
    },
    key,
    NOW,
  );

  it('lets nobody in while the owner is suspended', () => {
    expect(decision.allowed).toBe(true);
    expect(underOwner(decision, { ...owner, suspendedAt: NOW })).toEqual({ allowed: false, reason: 'suspended' });
  });

  it('is as it was if the owner is not, and a refusal keeps its reason', () => {
    expect(underOwner(decision, owner)).toBe(decision);
    expect(underOwner(decision, undefined)).toBe(decision);
    expect(underOwner(denied('expired'), { ...owner, suspendedAt: NOW })).toEqual(denied('expired'));
  });
});
