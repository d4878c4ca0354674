import type { Limits } from '../../src/core/limits/limits.ts';

/** Such as "100/s, bursts of 200, 1,000,000/month"; nothing for no limits. */
export function limitsInWords({ rate, burst, quota }: Limits): string {
  return [
    ...(rate === undefined ? [] : [grouped(rate)]),
    ...(burst === undefined ? [] : [`bursts of ${burst.toLocaleString('en')}`]),
    ...(quota === undefined ? [] : [grouped(quota)]),
  ].join(', ');
}

function grouped(limit: string): string {
  return limit.replace(/^\d+/, (digits) => Number(digits).toLocaleString('en'));
}
