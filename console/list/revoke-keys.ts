import type { CacheFlush, Keys, KeyView } from '../api/keys.ts';
import { problemOf } from '../api/problem.ts';

/** The progress and the result of revoking several keys. */
export interface RevokeReport {
  readonly revoked: readonly string[];
  readonly failed: readonly { readonly record: KeyView; readonly message: string }[];
  /** Which authorizer caches were flushed. `undefined` until the end, or if no key was revoked. */
  readonly caches: CacheFlush | undefined;
  /** Why the caches could not be flushed. */
  readonly flushError: string | undefined;
}

interface RevokeKeysOptions {
  readonly reason: string;
  /** Keys that are not yet revoked when it aborts stay as they are. */
  readonly signal: AbortSignal;
  readonly onProgress: (report: RevokeReport) => void;
}

/**
 * Revokes keys one after the other, and then flushes the authorizer caches once. A key that can't be revoked doesn't stop the
 * others. The flush is a second revocation of the last key, which changes nothing else.
 */
export async function revokeKeys(
  keys: Pick<Keys, 'revoke'>,
  records: readonly KeyView[],
  { reason, signal, onProgress }: RevokeKeysOptions,
): Promise<RevokeReport> {
  let report: RevokeReport = { revoked: [], failed: [], caches: undefined, flushError: undefined };
  const update = (changed: Partial<RevokeReport>) => {
    report = { ...report, ...changed };
    onProgress(report);
  };
  for (const record of records) {
    if (signal.aborted) break;
    try {
      await keys.revoke(record.prefix, reason, false);
      update({ revoked: [...report.revoked, record.prefix] });
    } catch (error) {
      update({ failed: [...report.failed, { record, message: problemOf(error).message }] });
    }
  }
  const last = report.revoked.at(-1);
  if (last === undefined) return report;
  try {
    update({ caches: (await keys.revoke(last, '', true)).caches });
  } catch (error) {
    update({ flushError: problemOf(error).message });
  }
  return report;
}
