import { useEffect, useState } from 'react';

const RELATIVE = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const DAY = new Intl.DateTimeFormat('en', { dateStyle: 'medium' });
const FULL = new Intl.DateTimeFormat('en', { dateStyle: 'long', timeStyle: 'long' });

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** A day; the exact time is in its title. */
export function Time({ at, missing = '–' }: { readonly at: string | null; readonly missing?: string }) {
  if (at === null) return missing;
  const time = new Date(at);
  return (
    <time dateTime={at} title={FULL.format(time)}>
      {DAY.format(time)}
    </time>
  );
}

/** How far off a time is, as "3 hours ago". */
export function TimeFromNow({ at, missing = '–' }: { readonly at: string | null; readonly missing?: string }) {
  if (at === null) return missing;
  const time = new Date(at);
  return (
    <time dateTime={at} title={FULL.format(time)}>
      {fromNow(time.getTime() - Date.now())}
    </time>
  );
}

/** The time left until an instant, second by second; calls back at its end. */
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
  // A timer is not read out at every tick.
  return (
    <span role="timer" aria-label="Time left for the old key">
      {duration(Math.max(0, left))}
    </span>
  );
}

/** Such as `2 d 3 h 0 min`, `23 h 59 min 30 s`, `30 s`. */
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

function fromNow(milliseconds: number): string {
  const size = Math.abs(milliseconds);
  if (size < MINUTE_MS) return milliseconds < 0 ? 'just now' : 'in a moment';
  if (size < HOUR_MS) return RELATIVE.format(Math.trunc(milliseconds / MINUTE_MS), 'minute');
  if (size < DAY_MS) return RELATIVE.format(Math.trunc(milliseconds / HOUR_MS), 'hour');
  if (size < 60 * DAY_MS) return RELATIVE.format(Math.trunc(milliseconds / DAY_MS), 'day');
  return DAY.format(Date.now() + milliseconds);
}
