import type { InputFault } from '../../src/management/errors.ts';

/** Something did not work, in words for the operator. The code is the API's own, or one of those below. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: string;
  /** Which fields were wrong, if any were. */
  readonly faults: readonly InputFault[];

  constructor(code: string, message: string, faults: readonly InputFault[] = []) {
    super(message);
    this.code = code;
    this.faults = faults;
  }
}

/** There was no answer at all. */
export const NO_ANSWER = 'no_answer';
/** Whoever asks has no session, or no longer. */
export const SIGNED_OUT = 'signed_out';
/** Whoever asks may not. */
export const ACCESS_DENIED = 'access_denied';

/** Whatever was thrown, as a problem. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem('unexpected', error instanceof Error ? error.message : String(error));
}

/** The problem that an answer other than 2xx tells of. */
export async function problemIn(response: Response): Promise<Problem> {
  const body: unknown = await response.json().catch(() => undefined);
  const { error } = (body ?? {}) as { error?: { code?: string; message?: string; faults?: InputFault[] } };
  if (response.status === 401)
    return new Problem(SIGNED_OUT, error?.message ?? 'Your session has ended, or you have none.');
  if (error?.code !== undefined && error.message !== undefined)
    return new Problem(error.code, sentence(error.message), error.faults);
  if (response.status === 403) return new Problem(ACCESS_DENIED, 'Your account may not do this.');
  return new Problem('unexpected', `The server answered ${String(response.status)}; its log says why.`);
}

function sentence(message: string): string {
  const text = message.charAt(0).toUpperCase() + message.slice(1);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
