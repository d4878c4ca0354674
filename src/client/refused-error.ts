import type { InputFault, Refusal } from '../management/errors.ts';

/** Why an operation was refused. A newer deployment may know more. */
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
  | 'not_enabled'
  | (string & Record<never, never>);

/** Latchkey has understood, and said no: nothing was done. docs/api.md has the codes. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly code: RefusalCode;
  /** For `invalid_input`: what was wrong, field by field. */
  readonly faults: readonly InputFault[];
  /** As the function answered it, with all details. */
  readonly refusal: Refusal['error'] & Readonly<Record<string, unknown>>;

  constructor(refusal: Refusal['error'] & { readonly faults?: readonly InputFault[] }) {
    super(refusal.message);
    this.code = refusal.code;
    this.faults = refusal.faults ?? [];
    this.refusal = { ...refusal };
  }
}

/** A management function failed. What it was asked may have been done or not; its log in CloudWatch says why. */
export class FunctionFailedError extends Error {
  override readonly name = 'FunctionFailedError';
  readonly functionName: string;

  /** @param what what it did. @default 'failed' */
  constructor(functionName: string, what = 'failed') {
    super(`the function ${functionName} ${what}; its log in CloudWatch says why`);
    this.functionName = functionName;
  }
}
