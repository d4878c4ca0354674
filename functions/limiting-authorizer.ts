import { createAuthorizer } from './authorize/create-authorizer.ts';
import { reportToStandardOutput } from './authorize/report.ts';
import { withinLimitsOf } from './authorize/within-limits.ts';
import { fromEnvironment } from './domain/settings.ts';
import { limiterFromEnvironment } from './limit/from-environment.ts';
import { readerFrom } from './store/hot/reader-from.ts';

const { tableName, settings } = fromEnvironment(process.env);
const keys = await readerFrom(process.env, tableName, settings);

/** The authorizer that sees to the limits of keys too. Apart, so that the other need not carry a DynamoDB client. */
export const handler = createAuthorizer(settings, {
  keys,
  owners: settings.ownerSuspension ? keys : undefined,
  withinLimits: withinLimitsOf(limiterFromEnvironment(process.env)),
  report: reportToStandardOutput(),
});
