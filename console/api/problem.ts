import type { InputFault } from '../../src/management/errors.ts';

/** A failed request. The code is the API's, or one of the constants below. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: string;
  /** The invalid fields, if the input was rejected. */
  readonly faults: readonly InputFault[];

  constructor(code: string, message: string, faults: readonly InputFault[] = []) {
    super(message);
    this.code = code;
    this.faults = faults;
  }
}

/** The server could not be reached. */
export const NO_CONNECTION = 'no_connection';
/** There is no session, or it has expired. */
export const SIGNED_OUT = 'signed_out';
/** The user has no permission. */
export const ACCESS_DENIED = 'access_denied';

/** Returns any thrown value as a problem. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem('unexpected', error instanceof Error ? error.message : String(error));
}

/** Reads the problem from a response whose status is not 2xx. */
export async function problemIn(response: Response): Promise<Problem> {
  const body: unknown = await response.json().catch(() => undefined);
  const { error } = (body ?? {}) as { error?: { code?: string; message?: string; faults?: InputFault[] } };
  if (response.status === 401) return new Problem(SIGNED_OUT, sentence(error?.message ?? 'Your session has expired'));
  if (error?.code !== undefined && error.message !== undefined)
    return new Problem(error.code, sentence(error.message), error.faults);
  if (response.status === 403) return new Problem(ACCESS_DENIED, 'Your account doesn’t have permission to do this.');
  return new Problem('unexpected', `The server returned status ${String(response.status)}.`);
}

/** Returns a message of the API as a sentence: with a capital letter and a period. */
export function sentence(message: string): string {
  const text = message.charAt(0).toUpperCase() + message.slice(1);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
