import { isPlanName, limitsFault, PLAN_ACCEPTS, type Plans } from '../src/core/limits/limits.ts';

/** Lambda accepts 4 KB of environment variables in total. This leaves room for the other settings. */
const MAX_PLANS_BYTES = 2048;

/** Returns why these plans are not valid, or `undefined` if they are. */
export function plansFault(plans: Plans): string | undefined {
  for (const [name, limits] of Object.entries(plans)) {
    if (!isPlanName(name)) return `plans contains the name "${name}", which is not valid. Use ${PLAN_ACCEPTS}.`;
    const fault = limitsFault(limits);
    if (fault !== undefined) return `The plan "${name}" is not valid: ${fault}`;
  }
  const bytes = Buffer.byteLength(JSON.stringify(plans));
  if (bytes > MAX_PLANS_BYTES)
    return `plans has ${String(bytes)} bytes as JSON. Use at most ${String(MAX_PLANS_BYTES)}, which is about 30 plans.`;
  return undefined;
}
