import { createAuthorizer } from '../src/authorizer/create-authorizer.ts';
import { reportToStandardOutput } from '../src/authorizer/report.ts';
import { withinLimitsOf } from '../src/authorizer/within-limits.ts';
import { fromEnvironment } from '../src/gateway/settings.ts';
import { limiterFromEnvironment } from '../src/rate-limit/from-environment.ts';
import { readerFrom } from '../src/storage/fast-reader/reader-from.ts';

const { tableName, settings } = fromEnvironment(process.env);
const keys = await readerFrom(process.env, tableName, settings);

/** The authorizer that sees to the limits of keys too. Apart, so that the other need not carry a DynamoDB client. */
export const handler = createAuthorizer(settings, {
  keys,
  owners: settings.ownerSuspension ? keys : undefined,
  withinLimits: withinLimitsOf(limiterFromEnvironment(process.env)),
  report: reportToStandardOutput(),
});
