import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import type { DynamoDBStreamEvent } from 'aws-lambda';
import { fromEnvironment, MANAGEMENT_FIELDS, usagePlanIds } from '../src/gateway/settings.ts';
import { retryStrategy } from '../src/usage-plans/retry-strategy.ts';
import { createUsagePlanSync } from '../src/usage-plans/sync-usage-plan.ts';
import { documentClient } from '../src/storage/client.ts';
import { DynamoKeyStore } from '../src/storage/dynamo.ts';
import { handleChanges } from '../src/events/changes.ts';

const { tableName, settings } = fromEnvironment(process.env, MANAGEMENT_FIELDS);
const sync = createUsagePlanSync({
  apiGateway: new APIGatewayClient({ retryStrategy: retryStrategy() }),
  keys: new DynamoKeyStore({ client: documentClient(), tableName, retentionSeconds: 0 }),
  label: settings.label,
  usagePlanIds: usagePlanIds(process.env),
});

/** Synchronizes keys with API Gateway's usage plans, from the stream of the keys table. */
export const handler = (event: DynamoDBStreamEvent) => handleChanges(event, sync);
