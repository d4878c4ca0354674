import { fromEnvironment, MANAGEMENT_FIELDS } from '../src/gateway/settings.ts';
import { publisherFromEnvironment } from '../src/events/from-environment.ts';
import { createChangePublisher } from '../src/events/publish-changes.ts';
import { documentClient } from '../src/storage/client.ts';
import { DynamoKeyStore } from '../src/storage/dynamo.ts';

const { tableName, settings } = fromEnvironment(process.env, MANAGEMENT_FIELDS);

/** Publishes events about keys, from the streams of the keys table and the table of the rate limiter. */
export const handler = createChangePublisher({
  ...publisherFromEnvironment(process.env),
  keys: new DynamoKeyStore({ client: documentClient(), tableName, retentionSeconds: 0 }),
  label: settings.label,
});
