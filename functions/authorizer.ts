import { createAuthorizer } from '../src/authorizer/create-authorizer.ts';
import { reportToStandardOutput } from '../src/authorizer/report.ts';
import { fromEnvironment } from '../src/gateway/settings.ts';
import { readerFrom } from '../src/storage/fast-reader/reader-from.ts';

const { tableName, settings } = fromEnvironment(process.env);
const keys = await readerFrom(process.env, tableName, settings);

/** The Lambda REQUEST authorizer, for REST, HTTP and WebSocket APIs. */
export const handler = createAuthorizer(settings, {
  keys,
  owners: settings.ownerSuspension ? keys : undefined,
  report: reportToStandardOutput(),
});
