import { createKeyAuthorizer } from '../src/authorizer/key-authorizer.ts';
import { reportToStandardOutput } from '../src/authorizer/report.ts';
import { withinLimitsOf } from '../src/authorizer/within-limits.ts';
import { fromEnvironment, AUTHORIZER_FIELDS } from '../src/gateway/settings.ts';
import { limiterFromEnvironment } from '../src/rate-limit/from-environment.ts';
import { fastReaderFromEnvironment } from '../src/storage/fast-reader/from-environment.ts';

const { tableName, settings } = fromEnvironment(process.env, AUTHORIZER_FIELDS);
const keys = await fastReaderFromEnvironment(process.env, tableName, settings);

/** The authorizer that also enforces the limits of keys. It is separate because it bundles a DynamoDB client. */
export const handler = createKeyAuthorizer(settings, {
  keys,
  owners: settings.ownerSuspension ? keys : undefined,
  withinLimits: withinLimitsOf(limiterFromEnvironment(process.env)),
  report: reportToStandardOutput(),
});
