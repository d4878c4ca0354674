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

/** Over a table no authorizer cache is known: cached results stay until they expire. */
const noCaches: CacheFlusher = {
  stages: [],
  flush: () => Promise.resolve({ flushed: [], pending: [], failed: [] }),
};

const notCounted: Operation<object> = () =>
  Promise.reject(new NotEnabledError('usage is not read from here: give the table in which it is counted'));

/** Has operations done here, on the table. */
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
    usage: usage === undefined ? notCounted : usageOperation(usage),
  };
  return async <Answer>(operation: OperationName, input: object, { signal }: CallOptions = {}) => {
    const json = inputToJson(operation, input);
    try {
      signal?.throwIfAborted();
      // As it would come to a function: without what is undefined.
      const answer = await untilAborted(operations[operation](context, JSON.parse(json)), signal);
      return answer as Answer;
    } catch (error) {
      if (!(error instanceof LatchkeyError)) throw error;
      throw new RefusedError(refusalOf(error).error);
    }
  };
}

/** Stops waiting when the signal aborts. What the operation has sent to DynamoDB by then is carried out. */
async function untilAborted<Answer>(work: Promise<Answer>, signal: AbortSignal | undefined): Promise<Answer> {
  if (signal === undefined) return work;
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => {
    reject(signal.reason as Error);
  };
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
