import type { RandomBytes } from '../../core/keys/base62.ts';
import type { ManagementSettings } from '../../gateway/settings.ts';
import type { KeyStore } from '../../storage/key-store.ts';

/** The dependencies of an operation. */
export interface OperationContext {
  readonly settings: ManagementSettings;
  readonly keys: KeyStore;
  readonly now: () => number;
  readonly randomBytes: RandomBytes;
  /** The principal of an HTTP request: an IAM ARN, or the issuer and subject of a token. */
  readonly caller?: string | undefined;
  /** Returns the remaining time of the function, in milliseconds. @default no limit */
  readonly remainingMs?: (() => number) | undefined;
}

/**
 * A management operation. It checks its input and returns plain JSON.
 *
 * @throws {LatchkeyError} for an error that the caller can fix
 */
export type Operation<Answer> = (context: OperationContext, input: unknown) => Promise<Answer>;
