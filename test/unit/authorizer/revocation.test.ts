import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createKeyAuthorizer } from '../../../src/authorizer/key-authorizer.ts';
import type { AuthorizerEvent } from '../../../src/authorizer/request.ts';
import { createAuthorizer as createCustomAuthorizer } from '../../../src/authorizer/custom/custom-authorizer.ts';
import { allow } from '../../../src/authorizer/custom/verdict.ts';
import { digestOf } from '../../../src/core/keys/digest.ts';
import { newKey } from '../../../src/core/keys/key.ts';
import { DEFAULT_AUTHORIZER_SETTINGS, toEnvironment } from '../../../src/gateway/settings.ts';
import { SETTLE_MS } from '../../../src/gateway/settle-time.ts';
import { createCacheFlusher, type CacheFlush } from '../../../src/management/cache-flusher.ts';
import type { KeyReader, OwnerReader } from '../../../src/storage/key-store.ts';
import { authorizerEvent } from '../../../local/gateway/event.ts';
import { RequestAuthorizer } from '../../../local/gateway/request-authorizer.ts';
import { aRecord, LABEL } from '../../support/storage/records.ts';

const STAGE = 'rest/a1b2c3d4e5/prod';
const SETTINGS = { ...DEFAULT_AUTHORIZER_SETTINGS, label: LABEL, lastUsedIntervalSeconds: 0, ownerSuspension: true };
const KEY = newKey({ label: LABEL, randomBytes });
const ACTIVE = aRecord({ prefix: KEY.prefix, digest: digestOf(KEY.text), ownerId: 'acme' });

/** The time of the revocation or suspension, in milliseconds of the virtual clock. */
const REVOKED_AT = 20_000;

/** The duration of each step of one request, in milliseconds. */
interface Steps {
  /** The time at which API Gateway receives the request. */
  readonly at: number;
  readonly toLambda: number;
  readonly read: number;
  /** The age of the replica that an eventually consistent read uses. */
  readonly stale: number;
  readonly readOwner: number;
  /** The duration of a custom authorizer's hook, or of the limiter. */
  readonly decide: number;
  readonly toGateway: number;
}

interface History {
  readonly requests: readonly Steps[];
  /** The time from the write to its response. */
  readonly acknowledged: number;
  /** The duration of each flush call, and whether it is throttled. */
  readonly flushes: readonly { readonly takes: number; readonly throttled: boolean }[];
}

const upTo = (max: number) =>
  fc.oneof(fc.constant(0), fc.constant(max), fc.integer({ min: 0, max }), fc.integer({ min: 0, max: max / 4 }));
const steps = (at: fc.Arbitrary<number>): fc.Arbitrary<Steps> =>
  fc.record({
    at,
    toLambda: upTo(3000),
    read: upTo(4800),
    stale: upTo(2000),
    readOwner: upTo(4800),
    decide: upTo(4800),
    toGateway: upTo(1000),
  });
const histories: fc.Arbitrary<History> = fc.record({
  requests: fc.array(steps(fc.integer({ min: REVOKED_AT - 8000, max: REVOKED_AT + 8000 })), {
    minLength: 1,
    maxLength: 12,
  }),
  acknowledged: upTo(500),
  flushes: fc.array(fc.record({ takes: upTo(2000), throttled: fc.boolean() }), { maxLength: 6 }),
});

/** Reads the oldest replica as late as possible, takes the maximum time for a decision, and arrives last. */
const SLOWEST: History = {
  requests: [{ at: REVOKED_AT + 1980, toLambda: 0, read: 4490, stale: 2000, readOwner: 0, decide: 0, toGateway: 1000 }],
  acknowledged: 0,
  flushes: [],
};

const delay = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms));
const now = () => performance.now();

type Kind = 'stock' | 'custom';
type Change = 'revoked' | 'suspended';

/** An authorizer for one request with the given durations. */
function authorizerOf(kind: Kind, change: Change, { read, stale, readOwner, decide }: Steps) {
  // The value is fixed when the read starts, so a longer read returns an older value.
  const isChanged = () => now() - stale >= REVOKED_AT;
  const keys: KeyReader & OwnerReader = {
    get: async () => {
      const record = change === 'revoked' && isChanged() ? { ...ACTIVE, revokedAt: 1 } : ACTIVE;
      await delay(read);
      return record;
    },
    getOwner: async (label, ownerId) => {
      const owner = { label, ownerId, ...(change === 'suspended' && isChanged() && { suspendedAt: 1 }) };
      await delay(readOwner);
      return owner;
    },
    touch: () => Promise.resolve(),
    replaceDigest: () => Promise.resolve(),
  };
  if (kind === 'custom') {
    const authorize = async () => {
      await delay(decide);
      return allow();
    };
    const environment = toEnvironment('a-table', SETTINGS);
    return createCustomAuthorizer(
      { authorize, hookTimeoutMs: Infinity },
      { environment, keys, write: () => undefined },
    );
  }
  return createKeyAuthorizer(SETTINGS, {
    keys,
    owners: keys,
    report: () => undefined,
    withinLimits: async () => {
      await delay(decide);
      return true;
    },
  });
}

/** Simulates a history on a model of API Gateway's cache. Returns the time of the report, and the allowed requests. */
async function play(history: History, kind: Kind, change: Change, settleMs = SETTLE_MS) {
  const allowed: number[] = [];
  let current: Steps | undefined;
  const gateway = new RequestAuthorizer({
    authorizer: {
      invoke: async (payload) => {
        if (current === undefined) throw new Error('API Gateway calls the authorizer only for a request');
        const these = current;
        await delay(these.toLambda);
        try {
          const answer = await authorizerOf(kind, change, these)(JSON.parse(payload) as AuthorizerEvent);
          await delay(these.toGateway);
          return { ok: true, payload: JSON.stringify(answer) };
        } catch (error) {
          return { ok: false, error: { errorType: 'Error', errorMessage: String(error) } };
        }
      },
    },
    identitySources: ['method.request.header.x-api-key'],
    cacheTtlSeconds: 3600,
  });
  const send = async (these: Steps) => {
    await delay(these.at - now());
    const request = {
      id: 'id',
      method: 'GET',
      path: '/orders',
      query: new URLSearchParams(),
      headers: [['x-api-key', KEY.text]] as const,
      body: Buffer.alloc(0),
      sourceIp: '192.0.2.1',
    };
    const route = { method: 'ANY', path: '/{proxy+}', functionName: 'echo' };
    current = these;
    const verdict = await gateway.authorize(request, authorizerEvent('sample', request, { route, parameters: {} }));
    if (verdict.allowed) allowed.push(these.at);
  };

  const flushes = [...history.flushes];
  const flush = async () => {
    const { takes, throttled } = flushes.shift() ?? { takes: 0, throttled: false };
    await delay(takes);
    if (throttled) throw Object.assign(new Error('throttled'), { name: 'TooManyRequestsException' });
    gateway.flush();
  };
  const flusher = createCacheFlusher([{ name: STAGE, flush }], {
    callTimeoutMs: 2500,
    settleMs,
    report: () => undefined,
  });
  let flushed: { readonly at: number; readonly caches: CacheFlush } | undefined;
  const revoke = async () => {
    await delay(REVOKED_AT - now() + history.acknowledged);
    const caches = await flusher.flush(29_000);
    flushed = { at: now(), caches };
    // Fast requests use any cached result.
    const probe = { toLambda: 0, read: 0, stale: 0, readOwner: 0, decide: 0, toGateway: 0 };
    for (const after of [0, 1, 500, 2000, 5000, 10_000, 20_000]) await send({ ...probe, at: now() + after });
  };
  const all = Promise.all([revoke(), ...history.requests.map(send)]);
  await vi.advanceTimersByTimeAsync(200_000);
  await all;
  return { flushed, allowed };
}

/** Returns whether a request after the report was allowed. */
async function breaksThePromise(history: History, kind: Kind, change: Change, settleMs = SETTLE_MS): Promise<boolean> {
  vi.useFakeTimers({ now: 0 });
  const { flushed, allowed } = await play(history, kind, change, settleMs);
  vi.useRealTimers();
  return flushed?.caches.flushed.includes(STAGE) === true && allowed.some((at) => at > flushed.at);
}

afterEach(() => {
  vi.useRealTimers();
});

describe.each([
  ['stock', 'revoked'],
  ['stock', 'suspended'],
  ['custom', 'revoked'],
  ['custom', 'suspended'],
] as const)('behind the %s authorizer, once a stage is reported as flushed', (kind, change) => {
  it(`allows no later request with a ${change === 'revoked' ? 'revoked key' : "suspended owner's key"}, however long each step takes`, async () => {
    await fc.assert(
      fc.asyncProperty(histories, async (history) => {
        expect(await breaksThePromise(history, kind, change)).toBe(false);
      }),
      { numRuns: 150 },
    );
  });
});

it.each([1000, 7000])('finds an allowed request in the model if the last flush comes after %i ms', async (settleMs) => {
  const result = await fc.check(
    fc.asyncProperty(histories, async (history) => !(await breaksThePromise(history, 'stock', 'revoked', settleMs))),
    { numRuns: 1000, examples: [[SLOWEST]] },
  );
  expect(result.failed).toBe(true);
});

it('caches the slowest allowed request before the last flush', async () => {
  expect(await breaksThePromise(SLOWEST, 'stock', 'revoked')).toBe(false);
});

it('allows requests before the revocation, so that the model can detect a late one', async () => {
  vi.useFakeTimers({ now: 0 });
  const request = { at: 1000, toLambda: 10, read: 10, stale: 0, readOwner: 10, decide: 10, toGateway: 10 };
  const { allowed, flushed } = await play({ requests: [request], acknowledged: 0, flushes: [] }, 'stock', 'revoked');
  expect(allowed).toEqual([1000]);
  expect(flushed?.caches).toEqual({ flushed: [STAGE], pending: [], failed: [] });
});
