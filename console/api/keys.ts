import type { Limits } from '../../src/core/limits/limits.ts';
import type { KeyStatus, Metadata } from '../../src/core/keys/record.ts';
import type { Restrictions } from '../../src/core/restrictions/restrictions.ts';
import type { CacheFlush } from '../../src/management/cache-flusher.ts';
import type { Flushed } from '../../src/management/operations/flushing.ts';
import type { IssuedKey } from '../../src/management/operations/issue-key.ts';
import type { KeyList } from '../../src/management/operations/list.ts';
import type { KeyUsage } from '../../src/management/operations/usage.ts';
import type { Verification } from '../../src/management/operations/verify.ts';
import type { OwnerView } from '../../src/management/owner-view.ts';
import type { KeyView } from '../../src/management/view.ts';
import type { Client } from './client.ts';

export type { CacheFlush, IssuedKey, KeyUsage, KeyView, OwnerView, Verification };

/** The filters of the list that the server applies. An empty string matches every key. */
export interface KeyFilter {
  /** The start of the name; case-insensitive. */
  readonly name: string;
  /** The complete owner ID. */
  readonly ownerId: string;
  readonly status: KeyStatus | 'any';
}

/** The fields of a key that can be set. A change keeps the fields that are left out. */
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

/** How to rotate a key. */
interface RotateFields {
  readonly overlap: string;
  /** All metadata of the new key. @default the old key's */
  readonly metadata?: Metadata;
}

/** The key to verify, and the parts of a request to check its restrictions and scopes against. */
interface VerifyFields {
  readonly key: string;
  readonly route?: string;
  readonly sourceIp?: string;
  readonly origin?: string;
  readonly stage?: string;
}

/** The management operations over HTTP: docs/api.md. */
export interface Keys {
  list(filter: KeyFilter, pageSize: number, cursor: string | null): Promise<KeyList>;
  get(prefix: string): Promise<KeyView>;
  usage(prefix: string, from: string): Promise<KeyUsage>;
  create(fields: KeyFields, idempotencyToken: string): Promise<IssuedKey>;
  update(prefix: string, fields: KeyFields, version: number): Promise<KeyView>;
  rotate(prefix: string, fields: RotateFields, idempotencyToken: string): Promise<Flushed<IssuedKey>>;
  /** @param flush `false` if a later revocation flushes the authorizer caches. @default true */
  revoke(prefix: string, reason: string, flush?: boolean): Promise<Flushed<KeyView>>;
  verify(fields: VerifyFields): Promise<Verification>;
  owner(ownerId: string): Promise<OwnerView>;
  suspend(ownerId: string, reason: string): Promise<Flushed<OwnerView>>;
  resume(ownerId: string): Promise<OwnerView>;
}

/** The most keys that one request returns. */
const MAX_PAGE = 100;
/** A filter that matches little can leave many pages empty. After so many requests, the user decides whether to continue. */
const MAX_REQUESTS_PER_PAGE = 12;

export function keysOf(client: Client): Keys {
  const key = (prefix: string) => `/keys/${encodeURIComponent(prefix)}`;
  const owner = (ownerId: string) => `/owners/${encodeURIComponent(ownerId)}`;
  return {
    async list({ name, ownerId, status }, pageSize, cursor) {
      const records: KeyView[] = [];
      let next = cursor;
      for (let requests = 0; requests < MAX_REQUESTS_PER_PAGE; requests++) {
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
    get: (prefix) => client.get(key(prefix)),
    usage: (prefix, from) => client.get(`${key(prefix)}/usage`, { from }),
    create: (fields, idempotencyToken) => client.send('POST', '/keys', { ...fields, idempotencyToken }),
    // The form has all metadata of the key.
    update: (prefix, fields, version) =>
      client.send('PATCH', key(prefix), {
        ...fields,
        ...(fields.metadata === undefined ? {} : { replaceMetadata: true }),
        version,
      }),
    rotate: (prefix, fields, idempotencyToken) =>
      client.send('POST', `${key(prefix)}/rotate`, { ...fields, idempotencyToken }),
    revoke: (prefix, reason, flush = true) =>
      client.send('POST', `${key(prefix)}/revoke`, { ...withReason(reason), ...(flush ? {} : { flush }) }),
    verify: (fields) => client.send('POST', '/verify', fields),
    owner: (ownerId) => client.get(owner(ownerId)),
    suspend: (ownerId, reason) => client.send('POST', `${owner(ownerId)}/suspend`, withReason(reason)),
    resume: (ownerId) => client.send('POST', `${owner(ownerId)}/resume`, {}),
  };
}

function withReason(reason: string): { readonly reason?: string } {
  return reason.trim() === '' ? {} : { reason: reason.trim() };
}
