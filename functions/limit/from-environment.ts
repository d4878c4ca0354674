import { requiredVariable } from '../domain/settings.ts';
import { documentClient } from '../store/client.ts';
import { CounterStore } from '../store/counter-store.ts';
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
  // A write that was not answered may have counted: once more, and the request would count twice.
  // So it gets more time instead.
  const requestHandler = { connectionTimeout: 1000, requestTimeout: 3000, throwOnRequestTimeout: true };
  const client = documentClient({ maxAttempts: 1, requestHandler });
  const table = { client, tableName };
  return createLimiter({ counters: new CounterStore(table), notes: new LimitNotes(table), onOutage });
}
