import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { requiredVariable } from '../gateway/settings.ts';
import { documentClient } from '../storage/client.ts';
import { UsageStore } from './usage-store.ts';
import { USAGE_TABLE_VARIABLE } from './usage-table.ts';
import { CompleteResponseHandler } from '../storage/complete-response-handler.ts';

/**
 * Returns the usage store for the table in the environment.
 *
 * @throws {Error} if the variable is missing
 */
export function usageFromEnvironment(environment: NodeJS.ProcessEnv): UsageStore {
  const tableName = requiredVariable(environment, USAGE_TABLE_VARIABLE);
  return new UsageStore({ client: usageClient(), tableName });
}

/** Returns a client with longer timeouts than the default: no caller waits, and a transaction can have 100 items. */
export function usageClient(config: DynamoDBClientConfig = {}): DynamoDBDocumentClient {
  const requestHandler = new CompleteResponseHandler({ connect: 1000, begin: 8000, whole: 10_000 });
  return documentClient({ requestHandler, ...config });
}
