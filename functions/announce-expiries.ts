import type { Context, ScheduledEvent } from 'aws-lambda';
import { fromEnvironment, MANAGEMENT_FIELDS } from '../src/gateway/settings.ts';
import { createExpiryAnnouncer } from '../src/events/announce-expiries.ts';
import { publisherFromEnvironment } from '../src/events/from-environment.ts';
import { documentClient } from '../src/storage/client.ts';
import { DynamoKeyStore } from '../src/storage/dynamo.ts';
import { ExpiryStore } from '../src/events/expiry-store.ts';

const { tableName, settings } = fromEnvironment(process.env, MANAGEMENT_FIELDS);
const client = documentClient();
const announce = createExpiryAnnouncer({
  expiries: new ExpiryStore({ client, tableName, label: settings.label }),
  keys: new DynamoKeyStore({ client, tableName, retentionSeconds: 0 }),
  ...publisherFromEnvironment(process.env),
  noticeDays: settings.expiryNoticeDays,
});

/** Publishes events about keys that have expired or will expire soon. A schedule invokes it every few minutes. */
export const handler = (
  { time }: Pick<ScheduledEvent, 'time'>,
  context: Pick<Context, 'getRemainingTimeInMillis'>,
): Promise<void> => announce(() => context.getRemainingTimeInMillis() > 30_000, Date.parse(time) || undefined);
