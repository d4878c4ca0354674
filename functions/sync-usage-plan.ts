import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import type { DynamoDBStreamEvent } from 'aws-lambda';
import { fromEnvironment, usagePlanIds } from './domain/settings.ts';
import { patience } from './native/patience.ts';
import { createUsagePlanSync } from './native/sync-usage-plan.ts';
import { documentClient } from './store/client.ts';
import { DynamoKeyStore } from './store/dynamo.ts';
import { forEachChange } from './stream/changes.ts';

const { tableName, settings } = fromEnvironment(process.env);
const sync = createUsagePlanSync({
  apiGateway: new APIGatewayClient({ retryStrategy: patience() }),
  keys: new DynamoKeyStore({ client: documentClient(), tableName, retentionSeconds: 0 }),
  label: settings.label,
  usagePlanIds: usagePlanIds(process.env),
});

/** Keeps the keys of API Gateway's usage plans in step with ours, from the table's stream. */
export const handler = (event: DynamoDBStreamEvent) => forEachChange(event, sync);
