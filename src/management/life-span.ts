import type { KeyRecord } from '../core/keys/record.ts';
import { InvalidInputError } from './errors.ts';

/** The times between which a key is let in; none: from the start, or for ever. */
interface LifeSpan {
  readonly notBefore?: number | null | undefined;
  readonly expires?: number | null | undefined;
}

/** A key that began when it has ended would never be let in. */
export function beginsBeforeItEnds({ notBefore, expires }: LifeSpan): boolean {
  return (notBefore ?? -Infinity) < (expires ?? Infinity);
}

/** What is wrong with the start of one that does not. */
export const BEGINS_TOO_LATE = 'not before it expires';

/** Refuses the one time that was given, because of the other on the key's record. */
export function lifeSpanError(
  given: 'notBefore' | 'expires',
  { notBefore, expiresAt }: Pick<KeyRecord, 'notBefore' | 'expiresAt'>,
): InvalidInputError {
  const fault =
    given === 'notBefore'
      ? { field: given, message: BEGINS_TOO_LATE, accepted: `a time before ${text(expiresAt)}, or both anew` }
      : { field: given, message: 'not after it begins', accepted: `a time after ${text(notBefore)}` };
  return new InvalidInputError([fault]);
}

function text(time: number | undefined): string {
  return time === undefined ? 'none' : new Date(time).toISOString();
}
