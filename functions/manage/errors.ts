/** One thing that was wrong with an input. */
export interface InputFault {
  /** Path of the field, such as `scopes.0`; empty for the input as a whole. */
  readonly field: string;
  readonly message: string;
  /** What would have been accepted. */
  readonly accepted?: string | undefined;
}

/** What a caller gets when it is refused. Details, such as `faults` or `version`, stand beside code and message. */
export interface Refusal {
  readonly error: { readonly code: string; readonly message: string };
}

/** A refusal that the caller can do something about. The code is stable; the message is for people. */
export abstract class LatchkeyError extends Error {
  abstract readonly code: string;
  /** The HTTP status it becomes. */
  abstract readonly status: number;
  /** More for the machine, beside code and message. */
  details(): Record<string, unknown> {
    return {};
  }
}

/** The input was not as it should be. Nothing was written. */
export class InvalidInputError extends LatchkeyError {
  override readonly name = 'InvalidInputError';
  readonly code = 'invalid_input';
  readonly status = 400;
  readonly faults: readonly InputFault[];

  constructor(faults: readonly InputFault[]) {
    super(faults.map(({ field, message }) => (field === '' ? message : `${field}: ${message}`)).join('; '));
    this.faults = faults;
  }

  override details() {
    return { faults: this.faults };
  }
}

/** No key has this prefix. */
export class KeyNotFoundError extends LatchkeyError {
  override readonly name = 'KeyNotFoundError';
  readonly code = 'not_found';
  readonly status = 404;

  constructor(prefix: string) {
    super(`there is no key with the prefix ${prefix}`);
  }
}

/** The key has ended, or has been replaced, and that is final. */
export class KeyEndedError extends LatchkeyError {
  override readonly name = 'KeyEndedError';
  readonly status = 409;
  readonly code: 'revoked' | 'expired' | 'replaced';

  constructor(code: 'revoked' | 'expired' | 'replaced', message: string) {
    super(message);
    this.code = code;
  }
}

/** Somebody else has changed the key meanwhile. Read it again and decide anew. */
export class VersionConflictError extends LatchkeyError {
  override readonly name = 'VersionConflictError';
  readonly code = 'version_conflict';
  readonly status = 409;
  readonly version: number;

  constructor(prefix: string, version: number) {
    super(`the key ${prefix} has been changed meanwhile, to version ${String(version)}; read it again`);
    this.version = version;
  }

  override details() {
    return { version: this.version };
  }
}

/** Nothing is to be lifted: the owner is not suspended. */
export class OwnerNotSuspendedError extends LatchkeyError {
  override readonly name = 'OwnerNotSuspendedError';
  readonly code = 'not_suspended';
  readonly status = 409;

  constructor(ownerId: string) {
    super(`the owner ${ownerId} is not suspended`);
  }
}

/** The deployment has not been told to do this. */
export class NotEnabledError extends LatchkeyError {
  override readonly name = 'NotEnabledError';
  readonly code = 'not_enabled';
  readonly status = 409;
}

/** The idempotency token has been used before, for something else. */
export class IdempotencyConflictError extends LatchkeyError {
  override readonly name = 'IdempotencyConflictError';
  readonly code = 'idempotency_conflict';
  readonly status = 409;

  constructor() {
    super('this idempotency token was used before, with another input; use a new token for a new key');
  }
}
