import type { InputFault, Refusal } from '../management/errors.ts';

/** Why an operation was rejected. A newer deployment can return other codes. */
export type RefusalCode =
  | 'invalid_input'
  | 'not_found'
  | 'revoked'
  | 'expired'
  | 'disabled'
  | 'replaced'
  | 'version_conflict'
  | 'idempotency_conflict'
  | 'not_suspended'
  | 'managed'
  | 'not_enabled'
  | (string & Record<never, never>);

/** An operation rejected the request, and nothing was written. docs/errors.md lists the codes. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly code: RefusalCode;
  /** The invalid fields, for `invalid_input`. */
  readonly faults: readonly InputFault[];
  /** The error as the function returned it, with all details. */
  readonly refusal: Refusal['error'] & Readonly<Record<string, unknown>>;

  constructor(refusal: Refusal['error'] & { readonly faults?: readonly InputFault[] }) {
    super(refusal.message);
    this.code = refusal.code;
    this.faults = refusal.faults ?? [];
    this.refusal = { ...refusal };
  }
}

/** A management function failed. The operation may or may not have been done. Its log in CloudWatch says why. */
export class FunctionFailedError extends Error {
  override readonly name = 'FunctionFailedError';
  readonly functionName: string;

  /** @param what the failure, for the message. @default 'failed' */
  constructor(functionName: string, what = 'failed') {
    super(`the function ${functionName} ${what}; its log in CloudWatch says why`);
    this.functionName = functionName;
  }
}
