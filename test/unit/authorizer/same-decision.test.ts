import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createKeyAuthorizer } from '../../../src/authorizer/key-authorizer.ts';
import { createAuthorizer as createCustomAuthorizer } from '../../../src/authorizer/custom/custom-authorizer.ts';
import type { DenialReason } from '../../../src/core/decision/denial-reasons.ts';
import { digestOf } from '../../../src/core/keys/digest.ts';
import { newKey } from '../../../src/core/keys/key.ts';
import type { OwnerRecord } from '../../../src/core/keys/owner.ts';
import {
  DEFAULT_AUTHORIZER_SETTINGS,
  DEFAULT_MANAGEMENT_SETTINGS,
  DEFAULT_SECRET_SCANNING_SETTINGS,
  toEnvironment,
} from '../../../src/gateway/settings.ts';
import { createAlertHandler } from '../../../src/leaked-keys/handler.ts';
import { verify } from '../../../src/management/operations/verify.ts';
import type { KeyStore, StoredKey } from '../../../src/storage/key-store.ts';
import { restEvent } from '../../support/authorizer/events.ts';
import { aRecord, LABEL } from '../../support/storage/records.ts';

const NOW = Date.UTC(2028, 1, 29, 12);
const RULES = {
  label: LABEL,
  plans: { free: {} },
  restrictions: ['sourceIp', 'origin'],
  ownerSuspension: true,
  unscopedKeys: 'whole-stage',
} as const;
const AUTHORIZER = { ...DEFAULT_AUTHORIZER_SETTINGS, ...RULES, lastUsedIntervalSeconds: 0 };
const MANAGEMENT = { ...DEFAULT_MANAGEMENT_SETTINGS, ...RULES };
const REQUEST = { call: 'GET /orders/1', sourceIp: '192.0.2.1', origin: 'https://app.example.com' };
const OWNER: OwnerRecord = { label: LABEL, ownerId: 'acme' };

/** The leaked-key handler's result for a key. It does not load the plan, the request or the owner. */
type Leak = 'revoked' | 'ended' | 'not_ours';

interface Case {
  readonly title: string;
  /** `undefined` if there is no record. */
  readonly record: Partial<Record<keyof StoredKey, unknown>> | undefined;
  readonly text?: string;
  readonly owner?: OwnerRecord;
  readonly result: DenialReason | 'allowed';
  readonly leak: Leak;
}

const suspended = { ...OWNER, suspendedAt: 1 };
const elsewhere = { sourceIps: ['198.51.100.0/24'] };
const CASES: readonly Case[] = [
  { title: 'a good key', record: {}, result: 'allowed', leak: 'revoked' },
  { title: 'a text that is not a key', record: {}, text: 'no-key', result: 'malformed', leak: 'not_ours' },
  { title: 'a prefix without a record', record: undefined, result: 'unknown', leak: 'not_ours' },
  { title: 'a record with another label', record: { label: 'lk_other' }, result: 'unknown', leak: 'not_ours' },
  { title: 'an unreadable digest', record: { digest: 'md5$x' }, result: 'corrupt', leak: 'not_ours' },
  { title: 'a wrong secret', record: { digest: digestOf('other') }, result: 'mismatch', leak: 'not_ours' },
  {
    title: 'a wrong secret of a revoked key',
    record: { digest: digestOf('other'), revokedAt: 1 },
    result: 'mismatch',
    leak: 'not_ours',
  },
  { title: 'a revoked and expired key', record: { revokedAt: 1, expiresAt: 1 }, result: 'revoked', leak: 'ended' },
  {
    title: 'an expired key that was never valid',
    record: { expiresAt: NOW, notBefore: NOW + 1 },
    result: 'expired',
    leak: 'ended',
  },
  {
    title: 'a disabled key that is not valid yet',
    record: { disabledAt: NOW, notBefore: NOW + 1 },
    result: 'disabled',
    leak: 'revoked',
  },
  {
    title: 'a disabled and expired key',
    record: { disabledAt: NOW, expiresAt: NOW },
    result: 'expired',
    leak: 'ended',
  },
  {
    title: 'a key that is not valid yet, with an unknown plan',
    record: { notBefore: NOW + 1, plan: 'gold' },
    result: 'not_yet_valid',
    leak: 'revoked',
  },
  {
    title: 'a key with an unknown plan and a failing IP restriction',
    record: { plan: 'gold', restrictions: elsewhere },
    result: 'plan',
    leak: 'revoked',
  },
  { title: 'damaged restrictions', record: { restrictions: { sourceIps: 'x' } }, result: 'corrupt', leak: 'revoked' },
  {
    title: 'a failing stage and IP restriction',
    record: { restrictions: { ...elsewhere, stages: ['test'] } },
    result: 'stage',
    leak: 'revoked',
  },
  {
    title: 'a failing IP restriction of a suspended owner’s key',
    record: { ownerId: 'acme', restrictions: elsewhere },
    owner: suspended,
    result: 'source_ip',
    leak: 'revoked',
  },
  {
    title: 'a failing origin restriction of a suspended owner’s key',
    record: { ownerId: 'acme', restrictions: { origins: ['https://other.example.com'] } },
    owner: suspended,
    result: 'origin',
    leak: 'revoked',
  },
  {
    title: 'a suspended owner’s key that lacks the scope',
    record: { ownerId: 'acme', scopes: ['GET /users/*'] },
    owner: suspended,
    result: 'suspended',
    leak: 'revoked',
  },
  {
    title: 'an owner record of another owner',
    record: { ownerId: 'acme' },
    owner: { ...OWNER, ownerId: 'umbrella' },
    result: 'corrupt',
    leak: 'revoked',
  },
  { title: 'a key that lacks the scope', record: { scopes: ['GET /users/*'] }, result: 'scope', leak: 'revoked' },
];

/** A store of at most one key and one owner. */
function storeOf(record: StoredKey | undefined, owner: OwnerRecord | undefined) {
  const reads: string[] = [];
  const store = {
    get: () => Promise.resolve(record),
    getOwner: () => {
      reads.push('owner');
      return Promise.resolve(owner);
    },
    touch: () => Promise.resolve(),
    replaceDigest: () => Promise.resolve(),
    revoke: () => Promise.resolve({ outcome: 'not_found' }),
  } as unknown as KeyStore;
  return { store, reads };
}

describe.each(CASES)('$title', ({ record: fields, text, owner, result, leak }) => {
  const key = newKey({ label: LABEL, randomBytes });
  const record =
    fields === undefined
      ? undefined
      : aRecord({ prefix: key.prefix, digest: digestOf(key.text), ...(fields as Partial<StoredKey>) });
  const { store, reads } = storeOf(record, owner);
  const presented = text ?? key.text;
  const { call, sourceIp, origin } = REQUEST;
  const event = restEvent({ call, sourceIp, headers: { 'x-api-key': presented, origin } });
  const now = () => NOW;

  it(`returns ${result} from the authorizer`, async () => {
    const results: string[] = [];
    const report = (entry: { result: string }) => void results.push(entry.result);
    const authorize = createKeyAuthorizer(AUTHORIZER, { keys: store, owners: store, report, now });
    await authorize(event).catch(() => undefined);
    expect(results).toEqual([result]);
  });

  it(`returns ${result} from a custom authorizer`, async () => {
    const lines: string[] = [];
    const environment = toEnvironment('a-table', AUTHORIZER);
    const authorize = createCustomAuthorizer({}, { environment, keys: store, write: (line) => lines.push(line), now });
    await authorize(event).catch(() => undefined);
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([{ result }]);
  });

  it(`returns ${result} from verify`, async () => {
    const input = { key: presented, route: call, sourceIp, origin, stage: 'prod' };
    const answer = await verify({ settings: MANAGEMENT, keys: store, now, randomBytes }, input);
    expect(answer.valid ? 'allowed' : answer.reason).toBe(result);
  });

  it(`returns ${leak} from the leaked-key handler, which reads only the record`, async () => {
    reads.length = 0;
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = publicKey.export({ type: 'spki', format: 'pem' });
    const notes: unknown[] = [];
    const handle = createAlertHandler(
      { ...MANAGEMENT, ...DEFAULT_SECRET_SCANNING_SETTINGS },
      {
        keys: store,
        gitHubKeys: { find: () => Promise.resolve(String(pem)) },
        flushCaches: () => Promise.resolve(),
        note: (entry) => notes.push(entry),
        now,
      },
    );
    const body = JSON.stringify([{ token: presented, type: 'latchkey', url: '', source: '' }]);
    const signature = sign('sha256', Buffer.from(body), privateKey).toString('base64');
    const headers = { 'github-public-key-identifier': 'one', 'github-public-key-signature': signature };
    await handle({ headers, body }, { getRemainingTimeInMillis: () => 1000 });
    expect(notes).toMatchObject([{ outcome: leak }]);
    expect(reads).toEqual([]);
  });
});

describe('an authorizer that counts requests', () => {
  const key = newKey({ label: LABEL, randomBytes });
  const resultFor = async (fields: Partial<StoredKey>, owner?: OwnerRecord) => {
    const { store } = storeOf(aRecord({ prefix: key.prefix, digest: digestOf(key.text), ...fields }), owner);
    const results: string[] = [];
    let counted = 0;
    const authorize = createKeyAuthorizer(AUTHORIZER, {
      keys: store,
      owners: store,
      report: ({ result }) => void results.push(result),
      withinLimits: () => {
        counted++;
        return Promise.resolve(false);
      },
      now: () => NOW,
    });
    await authorize(restEvent({ headers: { 'x-api-key': key.text } }));
    return { results, counted };
  };

  it('denies a key over its limits before it evaluates the scopes', async () => {
    expect(await resultFor({ scopes: ['GET /users/*'] })).toEqual({ results: ['limited'], counted: 1 });
  });

  it('does not count a request that an earlier check denies', async () => {
    expect(await resultFor({ ownerId: 'acme' }, suspended)).toEqual({ results: ['suspended'], counted: 0 });
  });
});
