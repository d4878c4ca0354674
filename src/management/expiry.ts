import ms, { type StringValue } from 'ms';
import * as z from 'zod';
import type { EpochMs } from '../core/keys/record.ts';

/** Describes what {@link parseInstant} accepts, for error messages. */
export const INSTANT_ACCEPTS =
  'a duration from now such as "12h", "90d" or "1y" (s, m, h, d, w, y), or an ISO 8601 date such as "2027-01-31" or "2027-01-31T12:00:00Z"';

/** Describes what {@link parseDuration} accepts, for error messages. */
export const DURATION_ACCEPTS = 'a duration such as "0s", "30m", "24h" or "7d" (s, m, h, d, w, y)';

const DURATION = /^\d{1,9}(?:s|m|h|d|w|y)$/;
/** The latest time that is accepted. DynamoDB and JavaScript support later ones, but those are usually typos. */
export const LATEST: EpochMs = Date.UTC(9999, 11, 31);

/** Returns a duration in milliseconds, or `undefined` if the text is not a duration. A year is 365.25 days. */
export function parseDuration(text: string): number | undefined {
  return DURATION.test(text) ? ms(text as StringValue) : undefined;
}

/**
 * Parses a duration from `now`, or an ISO 8601 date. A date without a time means midnight UTC.
 *
 * @returns `undefined` for any other text, or a time that is too late
 */
export function parseInstant(text: string, now: EpochMs): EpochMs | undefined {
  const duration = parseDuration(text);
  if (duration === undefined) return parseIsoTime(text);
  return now + duration <= LATEST ? now + duration : undefined;
}

/**
 * Parses an ISO 8601 date, or a date and time with a UTC offset. A date without a time means midnight UTC.
 *
 * @returns `undefined` for anything else, such as a day that the calendar does not have or a time after the year 9999
 */
export function parseIsoTime(text: string): EpochMs | undefined {
  const iso = z.union([z.iso.date(), z.iso.datetime({ offset: true })]).safeParse(text);
  const time = iso.success ? Date.parse(iso.data) : NaN;
  return time <= LATEST ? time : undefined;
}
