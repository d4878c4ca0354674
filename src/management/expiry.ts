import ms, { type StringValue } from 'ms';
import { z } from 'zod';
import type { EpochMs } from '../core/keys/record.ts';

/** Says in words what {@link parseInstant} accepts. */
export const INSTANT_ACCEPTS =
  'a duration from now such as "12h", "90d" or "1y" (s, m, h, d, w, y), or an ISO 8601 date such as "2027-01-31" or "2027-01-31T12:00:00Z"';

/** Says in words what {@link parseDuration} accepts. */
export const DURATION_ACCEPTS = 'a duration such as "0s", "30m", "24h" or "7d" (s, m, h, d, w, y)';

const DURATION = /^\d{1,9}(?:s|m|h|d|w|y)$/;
/** DynamoDB and JavaScript take later times; people mean something else by them. */
export const LATEST: EpochMs = Date.UTC(9999, 11, 31);

/** A length of time in milliseconds, or `undefined` if the text is none. A year is 365.25 days. */
export function parseDuration(text: string): number | undefined {
  return DURATION.test(text) ? ms(text as StringValue) : undefined;
}

/** The instant that a duration from `now` or an ISO date means, or `undefined`. A date without a time is midnight UTC. */
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
