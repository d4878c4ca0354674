import { createAuthorizer } from './authorize/create-authorizer.ts';
import { emfReporter } from './authorize/report.ts';
import { fromEnvironment } from './domain/settings.ts';
import { documentClient } from './store/client.ts';
import { DynamoKeyStore } from './store/dynamo.ts';

const { tableName, settings } = fromEnvironment(process.env);

/** The Lambda REQUEST authorizer, for REST, HTTP and WebSocket APIs. */
export const handler = createAuthorizer(settings, {
  keys: new DynamoKeyStore({ client: documentClient(), tableName, retentionSeconds: 0 }),
  report: emfReporter(console.log, Date.now),
});
