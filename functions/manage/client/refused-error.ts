import type { InputFault, Refusal } from '../errors.ts';

/** Why an operation was refused. A newer deployment may know more. */
export type RefusalCode =
  | 'invalid_input'
  | 'not_found'
  | 'revoked'
  | 'expired'
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

/** A management function failed, and did or did not do what it was asked. Its log in CloudWatch says why. */
export class FunctionFailedError extends Error {
  override readonly name = 'FunctionFailedError';
  readonly functionName: string;

  constructor(functionName: string) {
    super(`the function ${functionName} failed; its log in CloudWatch says why`);
    this.functionName = functionName;
  }
}
