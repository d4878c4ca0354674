import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import type { DynamoDBStreamEvent } from 'aws-lambda';
import { fromEnvironment, usagePlanIds } from '../src/gateway/settings.ts';
import { patience } from '../src/usage-plans/patience.ts';
import { createUsagePlanSync } from '../src/usage-plans/sync-usage-plan.ts';
import { documentClient } from '../src/storage/client.ts';
import { DynamoKeyStore } from '../src/storage/dynamo.ts';
import { forEachChange } from '../src/events/changes.ts';

const { tableName, settings } = fromEnvironment(process.env);
const sync = createUsagePlanSync({
  apiGateway: new APIGatewayClient({ retryStrategy: patience() }),
  keys: new DynamoKeyStore({ client: documentClient(), tableName, retentionSeconds: 0 }),
  label: settings.label,
  usagePlanIds: usagePlanIds(process.env),
});

/** Keeps the keys of API Gateway's usage plans in step with ours, from the table's stream. */
export const handler = (event: DynamoDBStreamEvent) => forEachChange(event, sync);
