import { createKeyAuthorizer } from '../src/authorizer/key-authorizer.ts';
import { reportToStandardOutput } from '../src/authorizer/report.ts';
import { fromEnvironment, AUTHORIZER_FIELDS } from '../src/gateway/settings.ts';
import { fastReaderFromEnvironment } from '../src/storage/fast-reader/from-environment.ts';

const { tableName, settings } = fromEnvironment(process.env, AUTHORIZER_FIELDS);
const keys = await fastReaderFromEnvironment(process.env, tableName, settings);

/** The Lambda REQUEST authorizer, for REST, HTTP and WebSocket APIs. */
export const handler = createKeyAuthorizer(settings, {
  keys,
  owners: settings.ownerSuspension ? keys : undefined,
  report: reportToStandardOutput(),
});
