import { Logger } from '@aws-lambda-powertools/logger';
import { fromEnvironment } from './domain/settings.ts';
import { GitHubKeys } from './leaks/github-keys.ts';
import { createAlertHandler } from './leaks/handler.ts';
import { cacheFlusher } from './manage/flush-caches.ts';
import { documentClient } from './store/client.ts';
import { DynamoKeyStore } from './store/dynamo.ts';

const { tableName, settings } = fromEnvironment(process.env);
const logger = new Logger({ serviceName: 'latchkey' });
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
