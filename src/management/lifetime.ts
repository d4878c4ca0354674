import type { KeyRecord } from '../core/keys/record.ts';
import { InvalidInputError } from './errors.ts';

/** The period in which a key is valid, in milliseconds since the epoch. */
interface Lifetime {
  /** @default the key is valid from its creation */
  readonly notBefore?: number | null | undefined;
  /** @default the key does not expire */
  readonly expires?: number | null | undefined;
}

/** Whether a key becomes valid before it expires. Otherwise it would never work. */
export function startsBeforeExpiry({ notBefore, expires }: Lifetime): boolean {
  return (notBefore ?? -Infinity) < (expires ?? Infinity);
}

export const STARTS_TOO_LATE = 'not before the expiry';

/** Returns the error for a start or expiry that contradicts the other one in the key's record. */
export function lifetimeError(
  given: 'notBefore' | 'expires',
  { notBefore, expiresAt }: Pick<KeyRecord, 'notBefore' | 'expiresAt'>,
): InvalidInputError {
  const fault =
    given === 'notBefore'
      ? {
          field: given,
          message: STARTS_TOO_LATE,
          accepted: `a time before ${isoOf(expiresAt)}, or new values for both times`,
        }
      : { field: given, message: 'not after notBefore', accepted: `a time after ${isoOf(notBefore)}` };
  return new InvalidInputError([fault]);
}

function isoOf(time: number | undefined): string {
  return time === undefined ? 'none' : new Date(time).toISOString();
}
