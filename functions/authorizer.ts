import { createAuthorizer } from './authorize/create-authorizer.ts';
import { reportToStandardOutput } from './authorize/report.ts';
import { fromEnvironment } from './domain/settings.ts';
import { readerFrom } from './store/hot/reader-from.ts';

const { tableName, settings } = fromEnvironment(process.env);
const keys = await readerFrom(process.env, tableName, settings);

/** The Lambda REQUEST authorizer, for REST, HTTP and WebSocket APIs. */
export const handler = createAuthorizer(settings, {
  keys,
  owners: settings.ownerSuspension ? keys : undefined,
  report: reportToStandardOutput(),
});
