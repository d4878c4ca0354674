import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { KeyReader, OwnerReader, StoredKey } from '../../../src/storage/key-store.ts';
import type { DynamoKeyStore } from '../../../src/storage/dynamo.ts';
import { aRecord, LABEL } from '../../support/storage/records.ts';

const NOW = 5_000_000_000;
const HOUR = 3_600_000;

/** The reader under test, the store that writes its records, and such a reader whose DynamoDB is unavailable. */
export interface ReaderUnderTest {
  readonly reader: KeyReader & OwnerReader;
  readonly store: Pick<DynamoKeyStore, 'create' | 'suspendOwner' | 'resumeOwner'>;
  readonly readerAt: (endpoint: string) => KeyReader & OwnerReader;
}

/** The contract of every reader that decisions use. */
export function readerContract(underTest: () => ReaderUnderTest): void {
  const stored = async (fields: Partial<StoredKey> = {}): Promise<StoredKey> => {
    const record = aRecord(fields);
    await underTest().store.create(record);
    return record;
  };
  const now = (prefix: string) => underTest().reader.get(prefix, { consistent: true });
  /** Fails without a response or a retry. An attempt takes a second to fail, and a busy machine may not start it. */
  const givesUp = async (read: (reader: KeyReader & OwnerReader) => Promise<unknown>) => {
    let connections = 0;
    const silent = createServer(() => connections++).listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    const { port } = silent.address() as AddressInfo;
    await expect(read(underTest().readerAt(`http://127.0.0.1:${String(port)}`))).rejects.toThrow();
    expect(connections).toBeLessThanOrEqual(1);
    silent.close();
  };

  describe('get', () => {
    it('returns a record as it was stored', async () => {
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

    it('returns undefined for an unknown prefix', async () => {
      expect(await now('000000000000')).toBeUndefined();
    });

    it('gives up reading a key at the given timeout', async () => {
      await givesUp((reader) => reader.get('000000000000', { timeoutMs: 300 }));
    });
  });

  describe('getOwner', () => {
    const change = (ownerId: string, at = NOW) => ({ label: LABEL, ownerId, by: 'ops ∑', at });

    it('returns the owner record as it was suspended and as it was resumed', async () => {
      const { reader, store } = underTest();
      await store.suspendOwner(change('acme'), 'unpaid');
      const suspended = { label: LABEL, ownerId: 'acme', suspendedAt: NOW, suspendedBy: 'ops ∑' };
      const owner = { ...suspended, suspendedReason: 'unpaid' };
      expect(await reader.getOwner(LABEL, 'acme', { consistent: true })).toEqual(owner);
      expect(await reader.getOwner(LABEL, 'acme')).toEqual(owner);
      await store.resumeOwner(change('acme', NOW + 1));
      const resumed = await reader.getOwner(LABEL, 'acme', { consistent: true });
      expect(resumed).toMatchObject({ suspendedReason: 'unpaid', resumedAt: NOW + 1, resumedBy: 'ops ∑' });
      expect(resumed).not.toHaveProperty('suspendedAt');
    });

    it('returns undefined for an owner that was never suspended under this name and label', async () => {
      const { reader, store } = underTest();
      await store.suspendOwner(change('#acme#'), undefined);
      for (const [label, ownerId] of [
        [LABEL, 'other'],
        [`${LABEL}2`, '#acme#'],
        [LABEL, 'acme#'],
      ] as const)
        expect(await reader.getOwner(label, ownerId, { consistent: true })).toBeUndefined();
      expect(await reader.getOwner(LABEL, '#acme#', { consistent: true })).toBeDefined();
    });

    it('gives up reading an owner at the given timeout', async () => {
      await givesUp((reader) => reader.getOwner(LABEL, 'acme', { timeoutMs: 300 }));
    });
  });

  describe('touch', () => {
    it('records a use at most once per interval', async () => {
      const { prefix } = await stored();
      const { reader } = underTest();
      await reader.touch(prefix, NOW, HOUR);
      await reader.touch(prefix, NOW + HOUR - 1, HOUR);
      expect((await now(prefix))?.lastUsedAt).toBe(NOW);
      await reader.touch(prefix, NOW + HOUR, HOUR);
      expect((await now(prefix))?.lastUsedAt).toBe(NOW + HOUR);
    });

    it('does not increment the version for a use, and does not restore a removed key', async () => {
      const { prefix } = await stored();
      const { reader } = underTest();
      await reader.touch(prefix, NOW, HOUR);
      expect((await now(prefix))?.version).toBe(1);
      await reader.touch('000000000000', NOW, HOUR);
      expect(await now('000000000000')).toBeUndefined();
    });
  });

  describe('replaceDigest', () => {
    it('replaces the expected digest once, without incrementing the version', async () => {
      const { prefix, digest } = await stored();
      const { reader } = underTest();
      await reader.replaceDigest(prefix, 'another', 'never');
      expect((await now(prefix))?.digest).toBe(digest);
      await reader.replaceDigest(prefix, digest, 'quicker');
      await reader.replaceDigest(prefix, digest, 'too late');
      expect(await now(prefix)).toMatchObject({ digest: 'quicker', version: 1 });
    });

    it('does not restore a removed key when it replaces a digest', async () => {
      await underTest().reader.replaceDigest('000000000000', 'from', 'to');
      expect(await now('000000000000')).toBeUndefined();
    });
  });
}
