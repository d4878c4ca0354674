import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CHECKS, type Facts } from '../../../../src/core/decision/checks.ts';
import { decide, type DecisionInput } from '../../../../src/core/decision/decision.ts';
import { DENIAL_REASONS } from '../../../../src/core/decision/denial-reasons.ts';
import { digestOf } from '../../../../src/core/keys/digest.ts';
import { newKey } from '../../../../src/core/keys/key.ts';
import type { OwnerRecord } from '../../../../src/core/keys/owner.ts';
import type { KeyRecord } from '../../../../src/core/keys/record.ts';
import { limitsOf } from '../../../../src/core/limits/limits.ts';
import type { EnforcedRestriction, RestrictedRequest } from '../../../../src/core/restrictions/restrictions.ts';

const page = readFileSync('docs/denial-reasons.md', 'utf8').split('## Why this order')[0] ?? '';
/** The rows of the page, in order. */
const documented = [...page.matchAll(/^\| (\w[\w ]*?) +\| `(\w+)`/gm)].map(([, check = '', reason = '']) => ({
  check,
  reason,
}));
/** The rows of other code: reading the request, and the hooks of custom authorizers. */
const isCheck = ({ check }: { check: string }) => check !== 'parsing' && check !== 'custom code';
const rows = documented.filter(isCheck);

const NOW = Date.UTC(2028, 1, 29, 12);
const STAGE = 'arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod';
const key = newKey({ label: 'lk', randomBytes });
const PLANS = { free: { rate: '1/s' } };

/** What a decision depends on, as data. */
interface Situation {
  readonly key: typeof key;
  readonly record: KeyRecord;
  readonly enforced: readonly EnforcedRestriction[];
  readonly request: RestrictedRequest;
  readonly owner: OwnerRecord;
  readonly withinLimits: boolean;
  readonly route: string;
}

/** A request that passes every check. */
const PASSING: Situation = {
  key,
  record: {
    prefix: key.prefix,
    label: 'lk',
    digest: digestOf(key.text),
    name: 'a key',
    ownerId: 'acme',
    scopes: ['GET /orders'],
    metadata: {},
    plan: 'free',
    restrictions: { stages: ['prod'], sourceIps: ['192.0.2.0/24'], origins: ['https://app.example.com'] },
    createdAt: NOW - 1000,
    version: 1,
  },
  enforced: ['sourceIp', 'origin'],
  request: { stage: 'prod', sourceIp: '192.0.2.1', origin: 'https://app.example.com' },
  owner: { label: 'lk', ownerId: 'acme' },
  withinLimits: true,
  route: 'GET/orders',
};

type Fault = (one: Situation) => Situation;
const inRecord =
  (change: Partial<Record<keyof KeyRecord, unknown>>): Fault =>
  (one) => ({ ...one, record: { ...one.record, ...change } as KeyRecord });

/** One fault for each row. */
const FAULTS: Readonly<Record<string, Fault>> = {
  'secret: unknown': (one) => inRecord({ label: 'partner' })({ ...one, owner: { ...one.owner, label: 'partner' } }),
  'secret: corrupt': inRecord({ digest: 'md5$abc' }),
  'secret: mismatch': (one) => ({ ...one, key: newKey({ label: 'lk', randomBytes, prefix: key.prefix }) }),
  'status: revoked': inRecord({ revokedAt: NOW - 2 }),
  'status: expired': inRecord({ expiresAt: NOW - 1 }),
  'status: disabled': inRecord({ disabledAt: NOW - 2 }),
  'start: not_yet_valid': inRecord({ notBefore: NOW + 1 }),
  'plan: plan': inRecord({ plan: 'gold' }),
  'restrictions: corrupt': inRecord({ restrictions: { countries: ['CH'] } }),
  'restrictions: unenforced': (one) => ({ ...one, enforced: [] }),
  'restrictions: stage': (one) => ({ ...one, request: { ...one.request, stage: 'test' } }),
  'restrictions: source_ip': (one) => ({ ...one, request: { ...one.request, sourceIp: '198.51.100.1' } }),
  'restrictions: origin': (one) => ({ ...one, request: { ...one.request, origin: 'https://evil.example' } }),
  'owner: corrupt': (one) => ({ ...one, owner: { ...one.owner, ownerId: 'other' } }),
  'owner: suspended': (one) => ({ ...one, owner: { ...one.owner, suspendedAt: NOW - 3 } }),
  'limits: limited': (one) => ({ ...one, withinLimits: false }),
  'scopes: scope': (one) => ({ ...one, route: 'GET/admin' }),
};

function faultOf(check: string, reason: string): Fault {
  const fault = FAULTS[`${check}: ${reason}`];
  if (fault === undefined) throw new Error(`No fault is defined for ${check}: ${reason}.`);
  return fault;
}

function inputOf({ key, record, enforced, request, owner, withinLimits, route }: Situation) {
  return {
    key,
    record,
    now: NOW,
    plans: PLANS,
    restrictions: { enforced, request: () => request },
    owner: () => Promise.resolve(owner),
    withinLimits: () => Promise.resolve(withinLimits),
    route: { stageArn: STAGE, arn: `${STAGE}/${route}`, unscopedKeys: 'whole-stage' },
  } as const satisfies DecisionInput;
}

describe('docs/denial-reasons.md', () => {
  it('lists the checks in the order of the code', () => {
    expect([...new Set(rows.map(({ check }) => check))]).toEqual(Object.keys(CHECKS));
  });

  it('lists every denial reason in the order of the code', () => {
    expect([...new Set(documented.map(({ reason }) => reason))]).toEqual([...DENIAL_REASONS]);
  });

  it('covers every row of the page with a fault', () => {
    expect(rows.map(({ check, reason }) => `${check}: ${reason}`)).toEqual(Object.keys(FAULTS));
  });
});

describe('the checks', () => {
  it('allows a request that passes every check', async () => {
    expect(await decide(inputOf(PASSING))).toMatchObject({ allowed: true });
  });

  it.each(rows)('a request with one fault is denied only by $check, as $reason', async ({ check, reason }) => {
    const input = inputOf(faultOf(check, reason)(PASSING));
    const facts: Facts = { ...input, limits: () => limitsOf(input.record, PLANS) };
    for (const [name, run] of Object.entries(CHECKS))
      expect(await run(facts), name).toBe(name === check ? reason : undefined);
  });

  it.each(rows.map((row, at) => ({ ...row, at })))(
    'a request with this and all later faults is denied by $check, as $reason',
    async ({ reason, at }) => {
      const faults = Object.values(FAULTS).slice(at);
      const situation = faults.reduce((one, fault) => fault(one), PASSING);
      expect(await decide(inputOf(situation))).toEqual({ allowed: false, reason });
    },
  );
});
