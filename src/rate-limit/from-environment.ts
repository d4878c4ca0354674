import { requiredVariable } from '../gateway/settings.ts';
import { CounterStore } from './counter-store.ts';
import { countingClient } from './counting-client.ts';
import { LimitNotes } from './limit-notes.ts';
import { LIMITS_TABLE_VARIABLE } from './limits-table.ts';
import { createLimiter, type Limiter, type OnOutage } from './limiter.ts';

/**
 * Returns a limiter on the table that the environment variable `LATCHKEY_LIMITS_TABLE` names.
 *
 * @throws {Error} if the variable is missing
 */
export function limiterFromEnvironment(environment: NodeJS.ProcessEnv, onOutage: OnOutage = 'deny'): Limiter {
  const tableName = requiredVariable(environment, LIMITS_TABLE_VARIABLE);
  const table = { client: countingClient(), tableName };
  return createLimiter({ counters: new CounterStore(table), notes: new LimitNotes(table), onOutage });
}
