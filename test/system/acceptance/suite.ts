import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { randomBase62 } from '../../../src/core/keys/base62.ts';
import { newKey, PREFIX_LENGTH } from '../../../src/core/keys/key.ts';
import type { Refusal } from '../../../src/management/errors.ts';
import type { IssuedKey } from '../../../src/management/operations/issue-key.ts';
import type { KeyList } from '../../../src/management/operations/list.ts';
import type { Verification } from '../../../src/management/operations/verify.ts';
import type { Flushed } from '../../../src/management/operations/flushing.ts';
import type { KeyView } from '../../../src/management/view.ts';
import { Visitor, type Place } from './place.ts';

/** How long API Gateway may take to carry out a flush: it accepts the request first, and flushes later. */
const FLUSH_TAKES_MS = 10_000;

/**
 * Tests what Latchkey promises through HTTP and the AWS SDK. The same tests run on the local server, in an emulated AWS
 * account, and in a real one.
 */
export function acceptance(placeOf: () => Place | Promise<Place>): void {
  let place: Place;
  let visitor: Visitor;

  beforeAll(async () => {
    place = await placeOf();
    visitor = new Visitor(place);
  });
  afterAll(() => {
    visitor.close();
  });

  /** Creates a key by invoking the management function. */
  const create = async (input: object = {}) => {
    const { key, record } = await visitor.invoke<IssuedKey>('create', { name: 'Acceptance', ...input });
    if (key === null) throw new Error('The response has no key.');
    return { key, record, prefix: record.prefix };
  };
  const statusOf = async (route: string, key?: string) => (await visitor.call(route, key)).status;
  const waitUntilRejected = (key: string) =>
    vi.waitUntil(async () => (await statusOf('GET /orders/1', key)) === 403, {
      timeout: FLUSH_TAKES_MS,
      interval: 500,
    });
  /** Other stages of the deployment are flushed too. The sample API's stage must be among them. */
  const everyStageFlushed = {
    flushed: expect.arrayContaining([expect.stringMatching(/^rest\/\w+\/\w+$/)]) as string[],
    pending: [],
    failed: [],
  };

  describe('keys', () => {
    it('allows a key created by invoking the function and passes its owner to the backend', async () => {
      const { key, record } = await create({ name: 'Checkout', ownerId: 'acme' });
      expect(record).toMatchObject({ name: 'Checkout', ownerId: 'acme', status: 'active', version: 1 });
      const reply = await visitor.call('GET /orders/1', key);
      expect(reply).toMatchObject({
        status: 200,
        body: {
          path: '/orders/1',
          caller: { authorizedBy: 'apiKey', key: { keyId: record.prefix, name: 'Checkout', ownerId: 'acme' } },
        },
      });
    });

    it('allows a key created through the admin API', async () => {
      const { status, body } = await visitor.admin('POST /keys', { name: 'Over HTTP' });
      expect(status).toBe(201);
      const { key } = body as IssuedKey;
      expect(await statusOf('GET /orders/1', key ?? '')).toBe(200);
    });

    it('rejects a request without a key or with a malformed key with 401', async () => {
      const { key } = await create();
      expect(await statusOf('GET /orders/1')).toBe(401);
      expect(await statusOf('GET /orders/1', 'lk_nonsense')).toBe(401);
      expect(await statusOf('GET /orders/1', `${key.slice(0, -1)}${key.endsWith('x') ? 'y' : 'x'}`)).toBe(401);
    });

    it('rejects a well-formed key that was never issued with 403, whether or not its prefix exists', async () => {
      const { prefix } = await create();
      const unknown = newKey({ label: 'lk', prefix: randomBase62(PREFIX_LENGTH, randomBytes), randomBytes });
      const forged = newKey({ label: 'lk', prefix, randomBytes });
      expect(await statusOf('GET /orders/1', unknown.text)).toBe(403);
      expect(await statusOf('GET /orders/1', forged.text)).toBe(403);
    });

    it('rejects a key after its expiry', async () => {
      // A cold start of the function may take longer than the lifetime of this key.
      await visitor.invoke('verify', { key: (await create()).key });
      const { key, record } = await create({ expires: '6s' });
      expect(await visitor.invoke<Verification>('verify', { key })).toMatchObject({ valid: true });
      // Another machine's clock decides. It may differ by a second.
      await delay(Date.parse(record.expiresAt ?? '') - Date.now() + 1000);
      expect(await statusOf('GET /orders/1', key)).toBe(403);
      expect(await visitor.invoke<Verification>('verify', { key })).toEqual({ valid: false, reason: 'expired' });
    });
  });

  describe('scopes, with the authorizer cache on', () => {
    const scopes = ['GET /orders/*', 'POST /orders'];
    const calls: readonly (readonly [route: string, status: number])[] = [
      ['GET /orders/1', 200],
      ['POST /orders', 200],
      ['GET /orders/2', 200],
      ['DELETE /orders/1', 403],
      ['GET /admin', 403],
      ['GET /orders/../admin', 403],
      ['GET /orders/1', 200],
    ];

    it('scopes apply to each request, also when a cached result of an allowed route exists', async () => {
      const { key } = await create({ scopes });
      const replies = [];
      for (const [route] of calls) replies.push([route, await statusOf(route, key)]);
      expect(replies).toEqual(calls);
    });

    it('scopes apply to each request, also when the first request was denied', async () => {
      const { key } = await create({ scopes });
      const backwards = calls.toReversed();
      const replies = [await statusOf('GET /admin', key)];
      for (const [route] of backwards) replies.push(await statusOf(route, key));
      expect(replies).toEqual([403, ...backwards.map(([, status]) => status)]);
    });

    it('scopes are enforced from the authorizer cache until its TTL', async () => {
      const { key, prefix } = await create({ scopes });
      const nameSeen = async () =>
        ((await visitor.call('GET /orders/1', key)).body as { caller: { key: { name: string } } }).caller.key.name;
      expect(await nameSeen()).toBe('Acceptance');
      await visitor.invoke('update', { prefix, name: 'Renamed' });
      expect(await nameSeen()).toBe('Acceptance');
    });
  });

  describe('rotation', () => {
    it('accepts both keys during the overlap', async () => {
      const { key, prefix } = await create({ scopes: ['GET /orders/*'] });
      const rotated = await visitor.invoke<Flushed<IssuedKey>>('rotate', { prefix, overlap: '1h' });
      // No key stops working, so no cache is flushed.
      expect(rotated.caches).toEqual({ flushed: [], pending: [], failed: [] });
      expect(rotated.record).toMatchObject({ rotatedFrom: prefix, scopes: ['GET /orders/*'] });
      expect(await statusOf('GET /orders/1', key)).toBe(200);
      expect(await statusOf('GET /orders/1', rotated.key ?? '')).toBe(200);
      expect(await statusOf('GET /admin', rotated.key ?? '')).toBe(403);
    });

    it('rejects the old key immediately after a rotation without an overlap', async () => {
      const { key, prefix } = await create();
      const rotated = await visitor.invoke<Flushed<IssuedKey>>('rotate', { prefix });
      expect(rotated.caches).toEqual(everyStageFlushed);
      expect(await statusOf('GET /orders/1', key)).toBe(403);
      expect(await statusOf('GET /orders/1', rotated.key ?? '')).toBe(200);
    });
  });

  describe('revocation', () => {
    it('rejects a revoked key immediately, and the revocation is final', async () => {
      const { key, prefix } = await create();
      const revoked = await visitor.invoke<KeyView>('revoke', { prefix, reason: 'leaked' });
      expect(revoked).toMatchObject({ status: 'revoked', revokedReason: 'leaked' });
      expect(await statusOf('GET /orders/1', key)).toBe(403);
      const refusal = await visitor.invoke<Refusal>('update', { prefix, expires: null });
      expect(refusal.error.code).toBe('revoked');
    });

    it('rejects a revoked key whose authorizer result was cached', async () => {
      const { key, prefix } = await create();
      expect(await statusOf('GET /orders/1', key)).toBe(200);
      const { caches } = await visitor.invoke<Flushed<KeyView>>('revoke', { prefix });
      expect(caches).toEqual(everyStageFlushed);
      await waitUntilRejected(key);
    });
  });

  describe('the admin API', () => {
    it('rejects requests that are not signed with 403', async () => {
      expect((await visitor.adminUnsigned('POST /keys', { name: 'Nobody' })).status).toBe(403);
      expect((await visitor.adminUnsigned('GET /keys')).status).toBe(403);
    });

    it('lists, gets, updates, rotates, verifies, and revokes keys', async () => {
      const ownerId = `acceptance-${randomBase62(8, randomBytes)}`;
      const { prefix } = await create({ ownerId });
      const listed = await visitor.admin(`GET /keys?ownerId=${ownerId}`);
      expect((listed.body as KeyList).records.map((record) => record.prefix)).toEqual([prefix]);
      expect(await visitor.admin(`GET /keys/${prefix}`)).toMatchObject({ status: 200, body: { prefix, ownerId } });
      expect(await visitor.admin(`PATCH /keys/${prefix}`, { name: 'Changed', version: 1 })).toMatchObject({
        status: 200,
        body: { name: 'Changed', version: 2 },
      });
      expect(await visitor.admin(`PATCH /keys/${prefix}`, { name: 'Too late', version: 1 })).toMatchObject({
        status: 409,
        body: { error: { code: 'version_conflict' } },
      });
      const rotated = await visitor.admin(`POST /keys/${prefix}/rotate`, { overlap: '1h' });
      const { key, record } = rotated.body as IssuedKey;
      expect(rotated).toMatchObject({ status: 201, body: { record: { rotatedFrom: prefix, name: 'Changed' } } });
      expect(await visitor.admin('POST /verify', { key })).toMatchObject({ status: 200, body: { valid: true } });
      expect(await visitor.admin(`POST /keys/${record.prefix}/revoke`, {})).toMatchObject({
        status: 200,
        body: { status: 'revoked' },
      });
      expect((await visitor.admin('POST /verify', { key })).body).toEqual({ valid: false, reason: 'revoked' });
    });

    it('names each invalid field of the input', async () => {
      const refused = await visitor.admin('POST /keys', { name: 'x', scopes: ['FETCH orders'], exprires: '90d' });
      expect(refused.status).toBe(400);
      const { error } = refused.body as { error: { code: string; faults: { field: string }[] } };
      expect(error.code).toBe('invalid_input');
      expect(error.faults.map(({ field }) => field).toSorted()).toEqual(['exprires', 'scopes.0']);
      expect((await visitor.admin('GET /keys/000000000000')).status).toBe(404);
    });
  });
}
