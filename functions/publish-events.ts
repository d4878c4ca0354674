import { fromEnvironment } from './domain/settings.ts';
import { publisherFromEnvironment } from './events/from-environment.ts';
import { createChangePublisher } from './events/publish-changes.ts';
import { documentClient } from './store/client.ts';
import { DynamoKeyStore } from './store/dynamo.ts';

const { tableName, settings } = fromEnvironment(process.env);

/** Publishes what happens to keys, from the streams of their table and of the limiter's. */
export const handler = createChangePublisher({
  ...publisherFromEnvironment(process.env),
  keys: new DynamoKeyStore({ client: documentClient(), tableName, retentionSeconds: 0 }),
  label: settings.label,
});
