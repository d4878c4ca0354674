import { randomUUID } from 'node:crypto';
import type { Metadata } from '../core/keys/record.ts';
import type { CacheFlush } from '../management/cache-flusher.ts';
import type {
  CreateInput,
  DisableOptions,
  ImportInput,
  ListInput,
  RevokeOptions,
  RotateInput,
  UpdateInput,
  VerifyInput,
} from '../management/input-types.ts';
import type { OperationName } from '../management/operations.ts';
import type { ExportAnswer } from '../management/operations/export.ts';
import type { Flushed } from '../management/operations/flushing.ts';
import type { ImportAnswer } from '../management/operations/import.ts';
import type { IssuedKey } from '../management/operations/issue-key.ts';
import type { KeyList } from '../management/operations/list.ts';
import type { DeploymentSettings } from '../management/operations/settings.ts';
import type { KeyUsage } from '../management/operations/usage.ts';
import type { Verification } from '../management/operations/verify.ts';
import type { OwnerView } from '../management/owner-view.ts';
import type { KeyView } from '../management/view.ts';
import { withOptions } from './operation-input.ts';

/** How a call is made. */
export interface CallOptions {
  /**
   * Aborts the call, which then rejects with the signal's reason or with the AWS SDK's `AbortError`. The operation may
   * have been done all the same: after a call that writes, look before you repeat it.
   *
   * @default the call ends when the AWS SDK gives up
   */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The management operations in code. Each rejects with a {@link RefusedError} when it is refused. An outage, or missing
 * credentials, reject with the error of the AWS SDK; a function that failed, or did not return what it should, with a
 * {@link FunctionFailedError}.
 *
 * An input with a field that the operation does not know is refused before it is sent. So data from elsewhere, such as a
 * request body, can be passed on as an input: it never chooses the key or the owner that a call is about.
 */
export interface KeyClient<Attributes = Metadata, AttributesInput = Attributes> {
  /** Makes a key, which is answered this once. */
  create(input: CreateInput<AttributesInput>, call?: CallOptions): Promise<IssuedKey<Attributes>>;
  get(prefix: string, call?: CallOptions): Promise<KeyView<Attributes>>;
  /** One page. It can be short, even empty, and not be the last: see its cursor. */
  list(query?: ListInput, call?: CallOptions): Promise<KeyList<Attributes>>;
  /** All there are, page by page. */
  listAll(query?: Omit<ListInput, 'limit' | 'cursor'>, call?: CallOptions): AsyncIterable<KeyView<Attributes>>;
  update(prefix: string, changes: UpdateInput<AttributesInput>, call?: CallOptions): Promise<KeyView<Attributes>>;
  /** Makes a new key in an old one's place, which goes on working for the overlap. */
  rotate(
    prefix: string,
    options?: RotateInput<AttributesInput>,
    call?: CallOptions,
  ): Promise<Flushed<IssuedKey<Attributes>>>;
  /** Revokes a key, for good, and flushes the authorizer caches: the call takes about 8 seconds. */
  revoke(prefix: string, options?: RevokeOptions, call?: CallOptions): Promise<Flushed<KeyView<Attributes>>>;
  /**
   * Revokes several keys, one after the other, and flushes the authorizer caches once. If one cannot be revoked, it flushes
   * for those that were, and throws.
   *
   * @example
   * const { records, caches } = await keys.revokeAll(['4fQ9aZ0bT1xW', '7hR2cY5dU3zV'], { reason: 'leaked' });
   */
  revokeAll(
    prefixes: readonly string[],
    options?: Pick<RevokeOptions, 'reason'>,
    call?: CallOptions,
  ): Promise<Flushed<{ readonly records: readonly KeyView<Attributes>[] }>>;
  /** Disables a key until it is enabled, and flushes the authorizer caches. The call takes about 8 seconds. */
  disable(prefix: string, options?: DisableOptions, call?: CallOptions): Promise<Flushed<KeyView<Attributes>>>;
  /** Enables a disabled key. Cached denials remain until they expire. */
  enable(prefix: string, call?: CallOptions): Promise<KeyView<Attributes>>;
  /** Whether a key would be let in and, if not, why; an authorizer of your own is not asked, and may still say no. */
  verify(key: string, options?: VerifyInput, call?: CallOptions): Promise<Verification<Attributes>>;
  /** What a key was used for, where that is counted. Days in UTC. */
  usage(
    prefix: string,
    days?: { readonly from?: string | undefined; readonly to?: string | undefined },
    call?: CallOptions,
  ): Promise<KeyUsage>;
  owner(ownerId: string, call?: CallOptions): Promise<OwnerView>;
  /** Ends all of an owner's keys until it is resumed. */
  suspend(
    ownerId: string,
    options?: { readonly reason?: string | undefined; readonly by?: string | undefined },
    call?: CallOptions,
  ): Promise<Flushed<OwnerView>>;
  resume(ownerId: string, options?: { readonly by?: string | undefined }, call?: CallOptions): Promise<OwnerView>;
  /** What keys can be: label, plans, attributes. */
  settings(call?: CallOptions): Promise<DeploymentSettings>;
  /** Stores up to 500 keys in the form that an export writes. */
  importKeys(records: readonly unknown[], options?: ImportInput, call?: CallOptions): Promise<ImportAnswer>;
  /** Everything about the keys but the keys, a page at a time. */
  exportKeys(
    page?: {
      readonly limit?: number | undefined;
      readonly cursor?: string | undefined;
    },
    call?: CallOptions,
  ): Promise<ExportAnswer>;
}

/** Has a management operation done, wherever that is. The answer's type is that of the operation. */
export type CallOperation = <Answer>(operation: OperationName, input: object, options?: CallOptions) => Promise<Answer>;

/** The client over any way to have operations done. */
export function keyClientOver<Attributes, AttributesInput>(
  call: CallOperation,
): KeyClient<Attributes, AttributesInput> {
  /** Calls an operation on what the method was given, with the options that its caller gave. */
  const on = async <Answer>(operation: OperationName, target: object, given: object, options?: CallOptions) =>
    call<Answer>(operation, withOptions(target, given), options);
  const list = (query: ListInput = {}, options?: CallOptions) => call<KeyList<Attributes>>('list', query, options);
  const revoke = (prefix: string, input: RevokeOptions = {}, options?: CallOptions) =>
    on<Flushed<KeyView<Attributes>>>('revoke', { prefix }, input, options);
  return {
    // The SDK tries again when an answer is lost: that must not leave a key behind that nobody knows.
    create: (input, options) => call('create', named(input), options),
    get: (prefix, options) => call('get', { prefix }, options),
    list,
    async *listAll(query = {}, options) {
      let cursor: string | undefined;
      do {
        const page = await on<KeyList<Attributes>>('list', { limit: 100, cursor }, query, options);
        yield* page.records;
        cursor = page.cursor ?? undefined;
      } while (cursor !== undefined);
    },
    update: (prefix, changes, options) => on('update', { prefix }, changes, options),
    rotate: (prefix, input = {}, options) => on('rotate', { prefix }, named(input), options),
    revoke,
    async revokeAll(prefixes, input = {}, options) {
      const records: KeyView<Attributes>[] = [];
      let caches: CacheFlush = { flushed: [], pending: [], failed: [] };
      try {
        for (const [index, prefix] of prefixes.entries()) {
          const later = index < prefixes.length - 1 ? { flush: false } : {};
          const { caches: flushed, ...record } = await revoke(prefix, { ...input, ...later }, options);
          records.push(record);
          caches = flushed;
        }
      } catch (error) {
        // To revoke a key again changes nothing, and flushes.
        const last = records.at(-1);
        if (last !== undefined) await revoke(last.prefix, {}, options);
        throw error;
      }
      return { records, caches };
    },
    disable: (prefix, input = {}, options) => on('disable', { prefix }, input, options),
    enable: (prefix, options) => call('enable', { prefix }, options),
    verify: (key, input = {}, options) => on('verify', { key }, input, options),
    usage: (prefix, days = {}, options) => on('usage', { prefix }, days, options),
    owner: (ownerId, options) => call('owner', { ownerId }, options),
    suspend: (ownerId, input = {}, options) => on('suspend', { ownerId }, input, options),
    resume: (ownerId, input = {}, options) => on('resume', { ownerId }, input, options),
    settings: (options) => call('settings', {}, options),
    importKeys: (records, input = {}, options) => on('import', { records }, input, options),
    exportKeys: (page = {}, options) => call('export', page, options),
  };
}

/** An input with a token that names this one call. */
function named<Input extends { readonly idempotencyToken?: string | undefined }>(input: Input) {
  return { ...input, idempotencyToken: input.idempotencyToken ?? randomUUID() };
}
