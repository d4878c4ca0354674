import { requiredVariable } from '../domain/settings.ts';
import { documentClient } from './client.ts';
import { UsageStore } from './usage-store.ts';
import { USAGE_TABLE_VARIABLE } from './usage-table.ts';

/**
 * The usage store on the table that the environment names.
 *
 * @throws {Error} if the variable is missing
 */
export function usageFromEnvironment(environment: NodeJS.ProcessEnv): UsageStore {
  const tableName = requiredVariable(environment, USAGE_TABLE_VARIABLE);
  return new UsageStore({ client: documentClient(), tableName });
}
