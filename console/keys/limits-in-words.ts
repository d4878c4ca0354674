import type { Limits } from '../../src/core/limits/limits.ts';

/** Formats limits, such as "100/s, burst 200, 1,000,000/month". Returns an empty string for a key without limits. */
export function limitsInWords({ rate, burst, quota }: Limits): string {
  return [
    ...(rate === undefined ? [] : [grouped(rate)]),
    ...(burst === undefined ? [] : [`burst ${burst.toLocaleString('en')}`]),
    ...(quota === undefined ? [] : [grouped(quota)]),
  ].join(', ');
}

function grouped(limit: string): string {
  return limit.replace(/^\d+/, (digits) => Number(digits).toLocaleString('en'));
}
