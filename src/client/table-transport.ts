import type { UsageStore } from '../usage/usage-store.ts';
import { LatchkeyError, NotEnabledError, refusalOf } from '../management/errors.ts';
import type { OperationName } from '../management/operations.ts';
import { create } from '../management/operations/create.ts';
import { disable, enable } from '../management/operations/disable.ts';
import { exportKeys } from '../management/operations/export.ts';
import type { CacheFlusher } from '../management/cache-flusher.ts';
import { flushing } from '../management/operations/flushing.ts';
import { get } from '../management/operations/get.ts';
import { importKeys } from '../management/operations/import.ts';
import { list } from '../management/operations/list.ts';
import type { Operation, OperationContext } from '../management/operations/operation.ts';
import { owner, resume, suspend } from '../management/operations/owner.ts';
import { revoke } from '../management/operations/revoke.ts';
import { rotate } from '../management/operations/rotate.ts';
import { settings } from '../management/operations/settings.ts';
import { update } from '../management/operations/update.ts';
import { usageOperation } from '../management/operations/usage.ts';
import { verify } from '../management/operations/verify.ts';
import type { CallOperation, CallOptions } from './key-client.ts';
import { inputToJson } from './operation-input.ts';
import { RefusedError } from './refused-error.ts';

/** A client on the table knows no authorizer caches: cached results remain until they expire. */
const noCaches: CacheFlusher = {
  stages: [],
  flush: () => Promise.resolve({ flushed: [], pending: [], failed: [] }),
};

const usageDisabled: Operation<object> = () =>
  Promise.reject(new NotEnabledError('usage is not available: pass usageTableName, the name of the table of Usage'));

/** Returns a function that runs the operations in this process, on the table. */
export function overTable(context: OperationContext, usage?: Pick<UsageStore, 'read'>): CallOperation {
  const operations: Record<OperationName, Operation<object>> = {
    create,
    get,
    list,
    update,
    rotate: flushing(rotate, noCaches),
    revoke: flushing(revoke, noCaches),
    disable: flushing(disable, noCaches),
    enable,
    verify,
    import: importKeys,
    export: exportKeys,
    settings,
    owner,
    suspend: flushing(suspend, noCaches),
    resume,
    usage: usage === undefined ? usageDisabled : usageOperation(usage),
  };
  return async <Result>(operation: OperationName, input: object, { signal }: CallOptions = {}) => {
    const json = inputToJson(operation, input);
    try {
      signal?.throwIfAborted();
      // The input as a function would get it: without fields that are `undefined`.
      const result = await untilAborted(operations[operation](context, JSON.parse(json)), signal);
      return result as Result;
    } catch (error) {
      if (!(error instanceof LatchkeyError)) throw error;
      throw new RefusedError(refusalOf(error).error);
    }
  };
}

/** Stops waiting when the signal aborts. Requests that were sent to DynamoDB before are still carried out. */
async function untilAborted<Result>(work: Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
  if (signal === undefined) return work;
  let abort: () => void = () => undefined;
  // Node.js 20 has no Promise.withResolvers().
  const aborted = new Promise<never>((_, reject) => {
    abort = () => {
      reject(signal.reason as Error);
    };
  });
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
