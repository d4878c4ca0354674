import { isPlanName, limitsFault, PLAN_ACCEPTS, type Plans } from '../src/core/limits/limits.ts';

/** Lambda takes 4 KB of environment variables in all; this leaves room for the other settings. */
const MAX_PLANS_BYTES = 2048;

/** What is wrong with the plans of a construct, or `undefined`. */
export function plansFault(plans: Plans): string | undefined {
  for (const [name, limits] of Object.entries(plans)) {
    if (!isPlanName(name)) return `"${name}" in plans is no plan's name; accepted: ${PLAN_ACCEPTS}`;
    const fault = limitsFault(limits);
    if (fault !== undefined) return `the plan "${name}": ${fault}`;
  }
  const bytes = Buffer.byteLength(JSON.stringify(plans));
  if (bytes > MAX_PLANS_BYTES)
    return `plans has ${String(bytes)} bytes as JSON; accepted: ${String(MAX_PLANS_BYTES)}, about 30 plans`;
  return undefined;
}
