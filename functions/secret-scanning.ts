import { fromEnvironment, MANAGEMENT_FIELDS } from '../src/gateway/settings.ts';
import { GitHubKeys } from '../src/leaked-keys/github-keys.ts';
import { createAlertHandler } from '../src/leaked-keys/handler.ts';
import { logger } from '../src/logging/logger.ts';
import { cacheFlusher } from '../src/management/flush-caches.ts';
import { documentClient } from '../src/storage/client.ts';
import { DynamoKeyStore } from '../src/storage/dynamo.ts';

const { tableName, settings } = fromEnvironment(process.env, MANAGEMENT_FIELDS);
const flusher = cacheFlusher(process.env);

/** Handles GitHub's secret scanning alerts, and revokes the keys in them. */
export const handler = createAlertHandler(settings, {
  keys: new DynamoKeyStore({ client: documentClient(), tableName, retentionSeconds: settings.retentionSeconds }),
  gitHubKeys: new GitHubKeys({ url: settings.gitHubKeysUrl }),
  flushCaches: (remainingMs) => flusher.flush(remainingMs),
  note: (leak) => {
    logger.info('leak', { operation: 'secret-scanning', ...leak });
  },
});
