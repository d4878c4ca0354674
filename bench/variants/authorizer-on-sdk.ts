import { createKeyAuthorizer } from '../../src/authorizer/key-authorizer.ts';
import { reportToStandardOutput } from '../../src/authorizer/report.ts';
import { AUTHORIZER_FIELDS, fromEnvironment } from '../../src/gateway/settings.ts';
import { documentClient } from '../../src/storage/client.ts';
import { DynamoKeyStore } from '../../src/storage/dynamo.ts';

/** The authorizer on the SDK's clients, to measure what its own reader saves. */
const { tableName, settings } = fromEnvironment(process.env, AUTHORIZER_FIELDS);

export const handler = createKeyAuthorizer(settings, {
  keys: new DynamoKeyStore({ client: documentClient(), tableName, retentionSeconds: 0 }),
  report: reportToStandardOutput(),
});
