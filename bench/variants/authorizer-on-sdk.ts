import { createAuthorizer } from '../../functions/authorize/create-authorizer.ts';
import { reportToStandardOutput } from '../../functions/authorize/report.ts';
import { fromEnvironment } from '../../functions/domain/settings.ts';
import { documentClient } from '../../functions/store/client.ts';
import { DynamoKeyStore } from '../../functions/store/dynamo.ts';

/** The same authorizer on the management functions' store: what the reader of its own saves. */
const { tableName, settings } = fromEnvironment(process.env);

export const handler = createAuthorizer(settings, {
  keys: new DynamoKeyStore({ client: documentClient(), tableName, retentionSeconds: 0 }),
  report: reportToStandardOutput(),
});
