/** A problem with one field of an input. */
export interface InputFault {
  /** The path of the field, such as `scopes.0`. Empty for the input as a whole. */
  readonly field: string;
  readonly message: string;
  /** What the field accepts. */
  readonly accepted?: string | undefined;
}

/** The response to a rejected request. It can have details, such as `faults` or `version`, next to code and message. */
export interface Refusal {
  readonly error: { readonly code: string; readonly message: string };
}

/** The HTTP status of each error code. */
export const REFUSAL_STATUSES = {
  invalid_input: 400,
  not_found: 404,
  revoked: 409,
  expired: 409,
  disabled: 409,
  replaced: 409,
  managed: 409,
  version_conflict: 409,
  not_suspended: 409,
  not_enabled: 409,
  idempotency_conflict: 409,
} as const;

/** The response to a request that failed for another reason. A direct invocation fails instead. */
export const INTERNAL_ERROR: Refusal = {
  error: { code: 'internal_error', message: 'The request failed. See the log of the function.' },
};

/** An error that the caller can fix. The code is stable, the message is not. */
export abstract class LatchkeyError extends Error {
  abstract readonly code: keyof typeof REFUSAL_STATUSES;
  /** The HTTP status of the response. */
  get status(): number {
    return REFUSAL_STATUSES[this.code];
  }
  /** Returns machine-readable details in addition to code and message. */
  details(): Record<string, unknown> {
    return {};
  }
}

/** The input is invalid. Nothing was written. */
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

/** The key is revoked, expired or replaced, which is final. */
export class KeyEndedError extends LatchkeyError {
  override readonly name = 'KeyEndedError';
  readonly code: 'revoked' | 'expired' | 'replaced';

  constructor(code: 'revoked' | 'expired' | 'replaced', message: string) {
    super(message);
    this.code = code;
  }
}

/** The key is disabled and must be enabled first. */
export class KeyDisabledError extends LatchkeyError {
  override readonly name = 'KeyDisabledError';
  readonly code = 'disabled';

  constructor(prefix: string) {
    super(`the key ${prefix} is disabled; enable it first`);
  }
}

/** The key is in a secret, whose rotation replaces it. */
export class KeyManagedError extends LatchkeyError {
  override readonly name = 'KeyManagedError';
  readonly code = 'managed';

  constructor(prefix: string, secretName: string) {
    super(
      `the key ${prefix} is managed by the secret "${secretName}": rotate the secret, or give force, which leaves the old key in the secret`,
    );
  }
}

/** Another caller changed the key in the meantime. Read it again before you retry. */
export class VersionConflictError extends LatchkeyError {
  override readonly name = 'VersionConflictError';
  readonly code = 'version_conflict';
  readonly version: number;

  constructor(prefix: string, version: number) {
    super(`the key ${prefix} was changed in the meantime, to version ${String(version)}; read it again`);
    this.version = version;
  }

  override details() {
    return { version: this.version };
  }
}

/** The owner is not suspended, so there is no suspension to lift. */
export class OwnerNotSuspendedError extends LatchkeyError {
  override readonly name = 'OwnerNotSuspendedError';
  readonly code = 'not_suspended';

  constructor(ownerId: string) {
    super(`the owner ${ownerId} is not suspended`);
  }
}

/** The deployment does not have this feature enabled. */
export class NotEnabledError extends LatchkeyError {
  override readonly name = 'NotEnabledError';
  readonly code = 'not_enabled';
}

/** The idempotency token was already used for a different request. */
export class IdempotencyConflictError extends LatchkeyError {
  override readonly name = 'IdempotencyConflictError';
  readonly code = 'idempotency_conflict';

  constructor() {
    super('this idempotency token was already used with a different input; use a new token for a new key');
  }
}

/** Returns the response for an error. It is the same over HTTP and in a direct invocation. */
export function refusalOf(error: LatchkeyError): Refusal {
  return { error: { code: error.code, message: error.message, ...error.details() } };
}
