import { createAuthorizer } from './authorize/create-authorizer.ts';
import { emfReporter } from './authorize/report.ts';
import { fromEnvironment } from './domain/settings.ts';
import { readerFrom } from './store/hot/reader-from.ts';

const { tableName, settings } = fromEnvironment(process.env);

/** The Lambda REQUEST authorizer, for REST, HTTP and WebSocket APIs. */
export const handler = createAuthorizer(settings, {
  keys: await readerFrom(process.env, tableName, settings),
  // Not console.log: Lambda's puts the time and the request's id before the line, and it would not be JSON.
  report: emfReporter((line) => process.stdout.write(`${line}\n`), Date.now),
});
