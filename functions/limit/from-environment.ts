import { requiredVariable } from '../domain/settings.ts';
import { CounterStore } from '../store/counter-store.ts';
import { countingClient } from '../store/counting-client.ts';
import { LimitNotes } from '../store/limit-notes.ts';
import { LIMITS_TABLE_VARIABLE } from '../store/limits-table.ts';
import { createLimiter, type Limiter, type OnOutage } from './limiter.ts';

/**
 * The limiter on the table that the environment names.
 *
 * @throws {Error} if the variable is missing
 */
export function limiterFromEnvironment(environment: NodeJS.ProcessEnv, onOutage: OnOutage = 'deny'): Limiter {
  const tableName = requiredVariable(environment, LIMITS_TABLE_VARIABLE);
  const table = { client: countingClient(), tableName };
  return createLimiter({ counters: new CounterStore(table), notes: new LimitNotes(table), onOutage });
}
