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

/** The options of any call. */
export interface CallOptions {
  /**
   * Aborts the call, which then rejects with the signal's reason or with the AWS SDK's `AbortError`. The operation can
   * still have been done: after an aborted write, check before you repeat it.
   *
   * @default the timeouts of the AWS SDK apply
   */
  readonly signal?: AbortSignal | undefined;
}

/**
 * A client of the management operations. A call rejects with a {@link RefusedError} if the operation rejects the request,
 * with a {@link FunctionFailedError} if the function fails or returns something else, and with the error of the AWS SDK in an
 * outage or without credentials.
 *
 * An input with an unknown field is rejected before it is sent. So you can pass on data such as a request body: it never
 * chooses the key or the owner of a call.
 */
export interface KeyClient<Attributes = Metadata, AttributesInput = Attributes> {
  /** Creates a key. The response is the only one that has it. */
  create(input: CreateInput<AttributesInput>, call?: CallOptions): Promise<IssuedKey<Attributes>>;
  /** Returns a key's record. */
  get(prefix: string, call?: CallOptions): Promise<KeyView<Attributes>>;
  /** Returns one page of keys. A page can be short or empty and still have a cursor. */
  list(query?: ListInput, call?: CallOptions): Promise<KeyList<Attributes>>;
  /** Returns all keys, page by page. */
  listAll(query?: Omit<ListInput, 'limit' | 'cursor'>, call?: CallOptions): AsyncIterable<KeyView<Attributes>>;
  /** Changes the given fields of a key. The key itself never changes. */
  update(prefix: string, changes: UpdateInput<AttributesInput>, call?: CallOptions): Promise<KeyView<Attributes>>;
  /** Replaces a key with a new one. The old key keeps working for the overlap. */
  rotate(
    prefix: string,
    options?: RotateInput<AttributesInput>,
    call?: CallOptions,
  ): Promise<Flushed<IssuedKey<Attributes>>>;
  /** Revokes a key permanently, and flushes the authorizer caches. The call takes about 8 seconds. */
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
  /** Checks whether a key would be allowed, and why not. It does not call a custom authorizer, which can still reject it. */
  verify(key: string, options?: VerifyInput, call?: CallOptions): Promise<Verification<Attributes>>;
  /** Returns how often a key was used, by day (UTC) and route. Requires the construct `Usage`. */
  usage(
    prefix: string,
    days?: { readonly from?: string | undefined; readonly to?: string | undefined },
    call?: CallOptions,
  ): Promise<KeyUsage>;
  /** Returns whether an owner is suspended. */
  owner(ownerId: string, call?: CallOptions): Promise<OwnerView>;
  /** Suspends an owner: all of its keys are rejected until the owner is resumed. */
  suspend(
    ownerId: string,
    options?: { readonly reason?: string | undefined; readonly by?: string | undefined },
    call?: CallOptions,
  ): Promise<Flushed<OwnerView>>;
  /** Ends the suspension of an owner. */
  resume(ownerId: string, options?: { readonly by?: string | undefined }, call?: CallOptions): Promise<OwnerView>;
  /** Returns the deployment's label, plans, attributes and other settings. */
  settings(call?: CallOptions): Promise<DeploymentSettings>;
  /** Imports up to 500 keys in the format of an export. */
  importKeys(records: readonly unknown[], options?: ImportInput, call?: CallOptions): Promise<ImportAnswer>;
  /** Exports a page of records with their digests, never the keys themselves. */
  exportKeys(
    page?: {
      readonly limit?: number | undefined;
      readonly cursor?: string | undefined;
    },
    call?: CallOptions,
  ): Promise<ExportAnswer>;
}

/** Calls a management operation. The type of the result is that of the operation. */
export type CallOperation = <Result>(operation: OperationName, input: object, options?: CallOptions) => Promise<Result>;

/** Returns a client that calls the operations by `call`. */
export function keyClientOver<Attributes, AttributesInput>(
  call: CallOperation,
): KeyClient<Attributes, AttributesInput> {
  /** Calls an operation on a key or an owner, with the input that the caller gave. */
  const on = async <Result>(operation: OperationName, target: object, given: object, options?: CallOptions) =>
    call<Result>(operation, withOptions(target, given), options);
  const list = (query: ListInput = {}, options?: CallOptions) => call<KeyList<Attributes>>('list', query, options);
  const revoke = (prefix: string, input: RevokeOptions = {}, options?: CallOptions) =>
    on<Flushed<KeyView<Attributes>>>('revoke', { prefix }, input, options);
  return {
    // The SDK retries if a response is lost. Without a token, that would create a second key.
    create: (input, options) => call('create', withToken(input), options),
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
    rotate: (prefix, input = {}, options) => on('rotate', { prefix }, withToken(input), options),
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
        // Revoking a key again changes nothing, and flushes.
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

/** Returns the input with an idempotency token. */
function withToken<Input extends { readonly idempotencyToken?: string | undefined }>(input: Input) {
  return { ...input, idempotencyToken: input.idempotencyToken ?? randomUUID() };
}
