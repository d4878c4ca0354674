import { createAuthorizer } from './authorize/create-authorizer.ts';
import { emfReporter } from './authorize/report.ts';
import { fromEnvironment } from './domain/settings.ts';
import { lambdaCredentials } from './store/hot/credentials.ts';
import { endpointFrom } from './store/hot/endpoint.ts';
import { HotKeyReader } from './store/hot/hot-key-reader.ts';

const { tableName, settings } = fromEnvironment(process.env);

/** The Lambda REQUEST authorizer, for REST, HTTP and WebSocket APIs. */
export const handler = createAuthorizer(settings, {
  keys: new HotKeyReader({
    tableName,
    endpoint: await endpointFrom(process.env),
    credentials: lambdaCredentials(process.env),
  }),
  report: emfReporter(console.log, Date.now),
});
