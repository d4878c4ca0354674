import { randomBytes } from 'node:crypto';
import { digestOf } from '../../../src/core/keys/digest.ts';
import { newKey } from '../../../src/core/keys/key.ts';
import type { StoredKey } from '../../../src/storage/key-store.ts';

export const LABEL = 'lk_test';

/** The record of a new key. */
export function aRecord(fields: Partial<StoredKey> = {}): StoredKey {
  const key = newKey({ label: LABEL, randomBytes });
  return {
    prefix: key.prefix,
    label: LABEL,
    digest: digestOf(key.text),
    name: 'a key',
    scopes: [],
    metadata: {},
    createdAt: 1_000_000,
    version: 1,
    ...fields,
  };
}
