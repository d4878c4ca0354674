import fc from 'fast-check';
import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { decidedStatus } from '../../../console/keys/decided-status.ts';
import { decide } from '../../../src/core/decision/decision.ts';
import { digestOf } from '../../../src/core/keys/digest.ts';
import { newKey } from '../../../src/core/keys/key.ts';
import type { KeyRecord } from '../../../src/core/keys/record.ts';
import { ENFORCEABLE_RESTRICTIONS } from '../../../src/core/restrictions/restrictions.ts';
import { viewOf } from '../../../src/management/view.ts';

const NOW = Date.UTC(2026, 0, 1);
const PLANS = { free: { rate: '5/s' }, pro: {} };
const key = newKey({ label: 'lk', prefix: 'abcdefghijkl', randomBytes });

const times = fc.option(fc.constantFrom(NOW - 1000, NOW, NOW + 1000), { nil: undefined });
const restrictions = fc.option(
  fc.record(
    {
      sourceIps: fc.constant(['192.0.2.0/24']),
      origins: fc.constant(['https://a.example']),
      stages: fc.constant(['x']),
    },
    { requiredKeys: [] },
  ),
  { nil: undefined },
);

it('returns what the authorizer decides, for any state of the key and its owner', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        revokedAt: times,
        expiresAt: times,
        notBefore: times,
        plan: fc.constantFrom(undefined, 'free', 'pro', 'removed', 'constructor'),
        restrictions,
      }),
      fc.subarray([...ENFORCEABLE_RESTRICTIONS]),
      fc.boolean(),
      async (fields, enforced, suspended) => {
        const record: KeyRecord = {
          prefix: key.prefix,
          label: 'lk',
          digest: digestOf(key.text),
          name: 'Checkout service',
          ownerId: 'acme',
          scopes: [],
          metadata: {},
          createdAt: NOW - 5000,
          version: 1,
          ...fields,
        };
        const owner = { label: 'lk', ownerId: 'acme', ...(suspended ? { suspendedAt: NOW - 10 } : {}) };
        const decision = await decide({
          key,
          record,
          now: NOW,
          plans: PLANS,
          restrictions: { enforced, request: () => ({}) },
          owner: () => Promise.resolve(owner),
        });
        const status = decidedStatus(
          viewOf(record, NOW),
          { label: 'lk', plans: PLANS, restrictions: enforced },
          suspended ? 'suspended' : 'not suspended',
          NOW,
        );
        expect(status).toBe(decision.allowed ? 'active' : decision.reason);
      },
    ),
    { numRuns: 500 },
  );
});

const VIEW = {
  status: 'active',
  notBefore: null,
  plan: 'removed',
  restrictions: { origins: ['https://a.example'] },
} as const;

it('does not check the plan and restrictions if the settings are unknown', () => {
  const unknown = { label: null, plans: {}, restrictions: [] };
  expect(decidedStatus(VIEW, unknown, 'not suspended', NOW)).toBe('active');
  expect(decidedStatus(VIEW, unknown, 'suspended', NOW)).toBe('suspended');
});

it('shows no status while the owner is loading, unless the key is rejected anyway', () => {
  const settings = { label: 'lk', plans: {}, restrictions: [] };
  expect(decidedStatus({ ...VIEW, plan: null, restrictions: null }, settings, 'loading', NOW)).toBeUndefined();
  expect(decidedStatus(VIEW, settings, 'loading', NOW)).toBe('plan');
});
