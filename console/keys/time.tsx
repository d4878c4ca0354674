import { useEffect, useState } from 'react';

const RELATIVE = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
/** Times of keys are in UTC, so that the day of the expiry is the day that the user chose. */
const DAY = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeZone: 'UTC' });
const FULL = new Intl.DateTimeFormat('en', {
  year: 'numeric',
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
  timeZone: 'UTC',
  timeZoneName: 'short',
});

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

interface TimeProps {
  readonly at: string | null;
  readonly missing?: string;
}

/** Formats a time as "Jan 31, 2027, 00:00 UTC". */
export function timeInWords(at: string): string {
  return FULL.format(new Date(at));
}

/** Shows the day, the time and the time zone. */
export function Time({ at, missing = '–' }: TimeProps) {
  return at === null ? missing : <time dateTime={at}>{timeInWords(at)}</time>;
}

/** Shows the day, with the exact time as a tooltip. Use it where the page says that days are in UTC. */
export function Day({ at, missing = '–' }: TimeProps) {
  return at === null ? missing : <Titled at={at} text={dayInWords(at)} />;
}

/** Shows a relative time such as "3 hours ago", or the day if it is more than 60 days away. */
export function DayFromNow({ at, missing = '–' }: TimeProps) {
  return at === null ? missing : <Titled at={at} text={fromNow(at) ?? dayInWords(at)} />;
}

/** Shows a relative time such as "3 hours ago", or the day and time if it is more than 60 days away. */
export function TimeFromNow({ at, missing = '–' }: TimeProps) {
  return at === null ? missing : <Titled at={at} text={fromNow(at) ?? timeInWords(at)} />;
}

function Titled({ at, text }: { readonly at: string; readonly text: string }) {
  return (
    <time dateTime={at} title={timeInWords(at)}>
      {text}
    </time>
  );
}

function dayInWords(at: string): string {
  return DAY.format(new Date(at));
}

/** Counts down the seconds until a time, and then calls `onEnd`. */
export function Countdown({ until, onEnd }: { readonly until: string; readonly onEnd: () => void }) {
  const [now, setNow] = useState(Date.now);
  const left = Date.parse(until) - now;
  const ended = left <= 0;
  useEffect(() => {
    if (ended) {
      onEnd();
      return undefined;
    }
    const timer = setInterval(() => {
      setNow(Date.now());
    }, 1000);
    return () => {
      clearInterval(timer);
    };
  }, [ended, onEnd]);
  // Screen readers don't announce the changes of a timer.
  return (
    <span role="timer" aria-label="Time until the old key expires">
      {duration(Math.max(0, left))}
    </span>
  );
}

/** Formats a duration, such as `2 d 3 h 0 min`, `23 h 59 min 30 s` or `30 s`. */
function duration(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000);
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ] as const;
  const first = parts.findIndex(([amount]) => amount > 0);
  if (first === -1) return '0 s';
  return parts
    .slice(first, first + 3)
    .map(([amount, unit]) => `${String(amount)} ${unit}`)
    .join(' ');
}

/** Returns `undefined` for a time that is more than 60 days away. */
function fromNow(at: string): string | undefined {
  const milliseconds = Date.parse(at) - Date.now();
  const size = Math.abs(milliseconds);
  if (size < MINUTE_MS) return milliseconds < 0 ? 'just now' : 'in a moment';
  if (size < HOUR_MS) return RELATIVE.format(Math.trunc(milliseconds / MINUTE_MS), 'minute');
  if (size < DAY_MS) return RELATIVE.format(Math.trunc(milliseconds / HOUR_MS), 'hour');
  if (size < 60 * DAY_MS) return RELATIVE.format(Math.trunc(milliseconds / DAY_MS), 'day');
  return undefined;
}
