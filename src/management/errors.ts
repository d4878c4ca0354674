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

/** The HTTP status that each refusal becomes. */
export const REFUSAL_STATUSES = {
  invalid_input: 400,
  not_found: 404,
  revoked: 409,
  expired: 409,
  disabled: 409,
  replaced: 409,
  version_conflict: 409,
  not_suspended: 409,
  not_enabled: 409,
  idempotency_conflict: 409,
} as const;

/** A refusal that the caller can do something about. The code is stable; the message is for people. */
export abstract class LatchkeyError extends Error {
  abstract readonly code: keyof typeof REFUSAL_STATUSES;
  /** The HTTP status it becomes. */
  get status(): number {
    return REFUSAL_STATUSES[this.code];
  }
  /** More for the machine, beside code and message. */
  details(): Record<string, unknown> {
    return {};
  }
}

/** The input was not as it should be. Nothing was written. */
export class InvalidInputError extends LatchkeyError {
  override readonly name = 'InvalidInputError';
  readonly code = 'invalid_input';
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

  constructor(prefix: string) {
    super(`there is no key with the prefix ${prefix}`);
  }
}

/** The key has ended, or has been replaced, and that is final. */
export class KeyEndedError extends LatchkeyError {
  override readonly name = 'KeyEndedError';
  readonly code: 'revoked' | 'expired' | 'replaced';

  constructor(code: 'revoked' | 'expired' | 'replaced', message: string) {
    super(message);
    this.code = code;
  }
}

/** The key is disabled, and must be enabled first. */
export class KeyDisabledError extends LatchkeyError {
  override readonly name = 'KeyDisabledError';
  readonly code = 'disabled';

  constructor(prefix: string) {
    super(`the key ${prefix} is disabled; enable it first`);
  }
}

/** Somebody else has changed the key meanwhile. Read it again and decide anew. */
export class VersionConflictError extends LatchkeyError {
  override readonly name = 'VersionConflictError';
  readonly code = 'version_conflict';
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

  constructor(ownerId: string) {
    super(`the owner ${ownerId} is not suspended`);
  }
}

/** The deployment has not been told to do this. */
export class NotEnabledError extends LatchkeyError {
  override readonly name = 'NotEnabledError';
  readonly code = 'not_enabled';
}

/** The idempotency token has been used before, for something else. */
export class IdempotencyConflictError extends LatchkeyError {
  override readonly name = 'IdempotencyConflictError';
  readonly code = 'idempotency_conflict';

  constructor() {
    super('this idempotency token was used before, with another input; use a new token for a new key');
  }
}

/** A refusal as its caller gets it, over every transport. */
export function refusalOf(error: LatchkeyError): Refusal {
  return { error: { code: error.code, message: error.message, ...error.details() } };
}
