import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { KeyReader, StoredKey } from '../../functions/store/key-store.ts';
import { aRecord } from './records.ts';

const NOW = 5_000_000_000;
const HOUR = 3_600_000;

/** What is under test: a reader, how to store a record where it reads, and one like it whose DynamoDB is elsewhere. */
export interface ReaderUnderTest {
  readonly reader: KeyReader;
  readonly store: (record: StoredKey) => Promise<unknown>;
  readonly readerAt: (endpoint: string) => KeyReader;
}

/** What everything that reads keys for a decision must do, the same for all. */
export function readerContract(underTest: () => ReaderUnderTest): void {
  const stored = async (fields: Partial<StoredKey> = {}): Promise<StoredKey> => {
    const record = aRecord(fields);
    await underTest().store(record);
    return record;
  };
  const now = (prefix: string) => underTest().reader.get(prefix, { consistent: true });

  describe('get', () => {
    it('answers a record as it was stored', async () => {
      const record = await stored({
        name: 'Checkout ∑ "quoted" \\ \u{1f511}',
        ownerId: 'acme',
        scopes: ['GET /orders/*'],
        metadata: { plan: 'pro', seats: 5, share: 0.25, far: 9007199254740991, beta: false },
        expiresAt: NOW,
      });
      expect(await now(record.prefix)).toEqual(record);
      expect(await underTest().reader.get(record.prefix)).toEqual(record);
    });

    it('answers nothing for a prefix that nobody has', async () => {
      expect(await now('000000000000')).toBeUndefined();
    });

    it('gives up when it was told to', async () => {
      const silent = createServer().listen(0, '127.0.0.1');
      await new Promise((resolve) => silent.once('listening', resolve));
      const { port } = silent.address() as AddressInfo;
      const reader = underTest().readerAt(`http://127.0.0.1:${String(port)}`);
      await expect(reader.get('000000000000', { timeoutMs: 50 })).rejects.toThrow();
      silent.close();
    });
  });

  describe('touch', () => {
    it('notes a use at most once per interval', async () => {
      const { prefix } = await stored();
      const { reader } = underTest();
      await reader.touch(prefix, NOW, HOUR);
      await reader.touch(prefix, NOW + HOUR - 1, HOUR);
      expect((await now(prefix))?.lastUsedAt).toBe(NOW);
      await reader.touch(prefix, NOW + HOUR, HOUR);
      expect((await now(prefix))?.lastUsedAt).toBe(NOW + HOUR);
    });

    it('is no administrative change, and brings nothing back to life', async () => {
      const { prefix } = await stored();
      const { reader } = underTest();
      await reader.touch(prefix, NOW, HOUR);
      expect((await now(prefix))?.version).toBe(1);
      await reader.touch('000000000000', NOW, HOUR);
      expect(await now('000000000000')).toBeUndefined();
    });
  });

  describe('replaceDigest', () => {
    it('replaces the digest that it was told of, once, and is no administrative change', async () => {
      const { prefix, digest } = await stored();
      const { reader } = underTest();
      await reader.replaceDigest(prefix, 'another', 'never');
      expect((await now(prefix))?.digest).toBe(digest);
      await reader.replaceDigest(prefix, digest, 'quicker');
      await reader.replaceDigest(prefix, digest, 'too late');
      expect(await now(prefix)).toMatchObject({ digest: 'quicker', version: 1 });
    });

    it('brings nothing back to life', async () => {
      await underTest().reader.replaceDigest('000000000000', 'from', 'to');
      expect(await now('000000000000')).toBeUndefined();
    });
  });
}
