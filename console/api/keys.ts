import type { Limits } from '../../src/core/limits/limits.ts';
import type { KeyStatus, Metadata } from '../../src/core/keys/record.ts';
import type { Restrictions } from '../../src/core/restrictions/restrictions.ts';
import type { CacheFlush } from '../../src/management/cache-flusher.ts';
import type { Flushed } from '../../src/management/operations/flushing.ts';
import type { IssuedKey } from '../../src/management/operations/issue-key.ts';
import type { KeyList } from '../../src/management/operations/list.ts';
import type { KeyUsage } from '../../src/management/operations/usage.ts';
import type { KeyView } from '../../src/management/view.ts';
import type { Client } from './client.ts';

export type { CacheFlush, IssuedKey, KeyUsage, KeyView };

/** Which keys to list. */
export interface KeyFilter {
  /** The beginning of the name, in any case. */
  readonly name: string;
  /** The whole owner id. */
  readonly ownerId: string;
  readonly status: KeyStatus | 'any';
}

/** What can be said of a key; what is left out stays as it is. */
export interface KeyFields {
  readonly name?: string;
  readonly ownerId?: string;
  readonly scopes?: readonly string[];
  readonly metadata?: Metadata;
  readonly plan?: string | null | undefined;
  readonly limits?: Limits | null | undefined;
  readonly restrictions?: Restrictions | null | undefined;
  readonly notBefore?: string | null | undefined;
  readonly expires?: string | null | undefined;
}

/** How a key is rotated. `metadata`: all of the new key's; by default the old key's. */
interface RotateFields {
  readonly overlap: string;
  readonly metadata?: Metadata;
}

/** The operations on keys, over HTTP: docs/api.md. */
export interface Keys {
  list(filter: KeyFilter, pageSize: number, cursor: string | null): Promise<KeyList>;
  get(prefix: string): Promise<KeyView>;
  usage(prefix: string, from: string): Promise<KeyUsage>;
  create(fields: KeyFields, idempotencyToken: string): Promise<IssuedKey>;
  update(prefix: string, fields: KeyFields, version: number): Promise<KeyView>;
  rotate(prefix: string, fields: RotateFields, idempotencyToken: string): Promise<Flushed<IssuedKey>>;
  revoke(prefix: string, reason: string): Promise<Flushed<KeyView>>;
}

/** The most that one call answers. */
const MAX_PAGE = 100;
/** A filter that finds little can leave many pages empty: the operator is asked before it goes on for longer. */
const MAX_CALLS_PER_PAGE = 12;

export function keysOf(client: Client): Keys {
  const at = (prefix: string) => `/keys/${encodeURIComponent(prefix)}`;
  return {
    async list({ name, ownerId, status }, pageSize, cursor) {
      const records: KeyView[] = [];
      let next = cursor;
      for (let calls = 0; calls < MAX_CALLS_PER_PAGE; calls++) {
        const page: KeyList = await client.get<KeyList>('/keys', {
          name: name.trim(),
          ownerId: ownerId.trim(),
          status: status === 'any' ? undefined : status,
          limit: Math.min(MAX_PAGE, pageSize - records.length),
          cursor: next ?? undefined,
        });
        records.push(...page.records);
        next = page.cursor;
        if (next === null || records.length >= pageSize) break;
      }
      return { records, cursor: next };
    },
    get: (prefix) => client.get(at(prefix)),
    usage: (prefix, from) => client.get(`${at(prefix)}/usage`, { from }),
    create: (fields, idempotencyToken) => client.send('POST', '/keys', { ...fields, idempotencyToken }),
    // The form has all metadata of the key.
    update: (prefix, fields, version) =>
      client.send('PATCH', at(prefix), {
        ...fields,
        ...(fields.metadata === undefined ? {} : { replaceMetadata: true }),
        version,
      }),
    rotate: (prefix, fields, idempotencyToken) =>
      client.send('POST', `${at(prefix)}/rotate`, { ...fields, idempotencyToken }),
    revoke: (prefix, reason) =>
      client.send('POST', `${at(prefix)}/revoke`, reason.trim() === '' ? {} : { reason: reason.trim() }),
  };
}
