import { fromEnvironment } from '../src/gateway/settings.ts';
import { publisherFromEnvironment } from '../src/events/from-environment.ts';
import { createChangePublisher } from '../src/events/publish-changes.ts';
import { documentClient } from '../src/storage/client.ts';
import { DynamoKeyStore } from '../src/storage/dynamo.ts';

const { tableName, settings } = fromEnvironment(process.env);

/** Publishes what happens to keys, from the streams of their table and of the limiter's. */
export const handler = createChangePublisher({
  ...publisherFromEnvironment(process.env),
  keys: new DynamoKeyStore({ client: documentClient(), tableName, retentionSeconds: 0 }),
  label: settings.label,
});
