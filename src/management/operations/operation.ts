import type { RandomBytes } from '../../core/keys/base62.ts';
import type { ManagementSettings } from '../../gateway/settings.ts';
import type { KeyStore } from '../../storage/key-store.ts';

/** What an operation works with. */
export interface OperationContext {
  readonly settings: ManagementSettings;
  readonly keys: KeyStore;
  readonly now: () => number;
  readonly randomBytes: RandomBytes;
  /** The IAM principal that calls, where API Gateway has told it. */
  readonly caller?: string | undefined;
  /** How long the function can still run, in milliseconds. @default there is no limit */
  readonly remainingMs?: (() => number) | undefined;
}

/**
 * A management operation: checks its input, does its work, answers plain JSON.
 *
 * @throws {LatchkeyError} when the caller can do something about it
 */
export type Operation<Answer> = (context: OperationContext, input: unknown) => Promise<Answer>;
