import type { Context } from 'aws-lambda';
import { fromEnvironment } from './domain/settings.ts';
import { createExpiryAnnouncer } from './events/announce-expiries.ts';
import { publisherFromEnvironment } from './events/from-environment.ts';
import { documentClient } from './store/client.ts';
import { DynamoKeyStore } from './store/dynamo.ts';
import { ExpiryStore } from './store/expiry-store.ts';

const { tableName, settings } = fromEnvironment(process.env);
const client = documentClient();
const announce = createExpiryAnnouncer({
  expiries: new ExpiryStore({ client, tableName, label: settings.label }),
  keys: new DynamoKeyStore({ client, tableName, retentionSeconds: 0 }),
  publish: publisherFromEnvironment(process.env),
  noticeDays: settings.expiryNoticeDays,
});

/** Publishes which keys have ended, and which will soon; called every few minutes. A page takes seconds at most. */
export const handler = (_event: unknown, context: Pick<Context, 'getRemainingTimeInMillis'>) =>
  announce(() => context.getRemainingTimeInMillis() > 30_000);
