import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Keys, KeyView } from '../../../console/api/keys.ts';
import { csvOf } from '../../../console/list/csv.ts';
import { summaryOf } from '../../../console/list/key-summary.ts';
import { revokeKeys } from '../../../console/list/revoke-keys.ts';
import type { CacheFlush } from '../../../src/management/cache-flusher.ts';

const NOW = Date.UTC(2026, 5, 1);
const DAY_MS = 24 * 3_600_000;
const at = (days: number) => new Date(NOW + days * DAY_MS).toISOString();

const keyOf = (fields: Partial<KeyView>): KeyView => ({
  prefix: '000000000000',
  label: 'lk',
  name: 'Key',
  status: 'active',
  ownerId: null,
  scopes: [],
  metadata: {},
  plan: null,
  limits: null,
  restrictions: null,
  createdAt: at(-1),
  notBefore: null,
  expiresAt: null,
  revokedAt: null,
  revokedReason: null,
  disabledAt: null,
  disabledReason: null,
  disabledBy: null,
  replacedBy: null,
  rotatedFrom: null,
  secretName: null,
  lastUsedAt: null,
  importedFrom: null,
  version: 1,
  ...fields,
});

describe('the CSV export', () => {
  it('writes CSV that a parser can read and that runs no formula', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string(), fc.string()), { minLength: 1 }), (rows) => {
        const records = rows.map(([name, ownerId]) => keyOf({ name, ownerId }));
        const columns = [
          { header: 'Name', value: ({ name }: KeyView) => name },
          { header: 'Owner', value: ({ ownerId }: KeyView) => ownerId },
        ];
        const [, ...read]: string[][] = parse(
          csvOf(records, columns, () => 'active'),
          { record_delimiter: '\r\n' },
        );
        const safe = (text: string) => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);
        expect(read).toEqual(rows.map((row) => row.map(safe)));
      }),
    );
  });
});

describe('the summary of keys', () => {
  it('counts each key once by status, and finds expiring and unused keys in order', () => {
    const records = [
      keyOf({ name: 'soon', expiresAt: at(20) }),
      keyOf({ name: 'sooner', expiresAt: at(2) }),
      keyOf({ name: 'later', expiresAt: at(31) }),
      keyOf({ name: 'forgotten', createdAt: at(-300), lastUsedAt: at(-100) }),
      keyOf({ name: 'never used', createdAt: at(-200) }),
      keyOf({ name: 'revoked', status: 'revoked', createdAt: at(-400), expiresAt: at(1) }),
    ];
    const { statuses, expiring, unused, recent } = summaryOf(
      records,
      ({ status, name }) => (name === 'later' ? 'suspended' : status),
      NOW,
    );
    expect(statuses).toEqual([
      { status: 'active', count: 4 },
      { status: 'revoked', count: 1 },
      { status: 'expired', count: 0 },
      { status: 'suspended', count: 1 },
    ]);
    expect(expiring.map(({ name }) => name)).toEqual(['sooner', 'soon']);
    expect(unused.map(({ name }) => name)).toEqual(['never used', 'forgotten']);
    expect(recent.at(-1)?.name).toBe('revoked');
  });
});

describe('revoking several keys', () => {
  const FLUSHED: CacheFlush = { flushed: ['rest/a/prod'], pending: [], failed: [] };
  const three = ['one', 'two', 'three'].map((name) => keyOf({ name, prefix: name }));

  /** Records the calls, and fails for the key "two". */
  function service() {
    const calls: string[] = [];
    const keys: Pick<Keys, 'revoke'> = {
      revoke: (prefix, _reason, flush = true) => {
        calls.push(`${prefix}${flush ? ', flush' : ''}`);
        if (prefix === 'two') return Promise.reject(new Error('The table is not available.'));
        return Promise.resolve({ ...keyOf({ prefix }), caches: FLUSHED });
      },
    };
    return { calls, keys };
  }

  it('continues to revoke keys after a failure, and flushes the caches once at the end', async () => {
    const { calls, keys } = service();
    const progress: number[] = [];
    const report = await revokeKeys(keys, three, {
      reason: '',
      signal: new AbortController().signal,
      onProgress: ({ revoked, failed }) => progress.push(revoked.length + failed.length),
    });
    expect(calls).toEqual(['one', 'two', 'three', 'three, flush']);
    expect(progress).toEqual([1, 2, 3, 3]);
    expect(report).toMatchObject({
      revoked: ['one', 'three'],
      failed: [{ message: 'The table is not available.' }],
      caches: FLUSHED,
    });
  });

  it('flushes the caches for the keys that were revoked before the user stopped it', async () => {
    const { calls, keys } = service();
    const stop = new AbortController();
    await revokeKeys(keys, three, {
      reason: '',
      signal: stop.signal,
      onProgress: () => {
        stop.abort();
      },
    });
    expect(calls).toEqual(['one', 'one, flush']);
  });

  it('flushes nothing if no key was revoked', async () => {
    const { calls, keys } = service();
    await revokeKeys(keys, three.slice(1, 2), {
      reason: '',
      signal: new AbortController().signal,
      onProgress: () => undefined,
    });
    expect(calls).toEqual(['two']);
  });
});
