import type { CloudWatchLogsEvent } from 'aws-lambda';
import { requiredVariable } from '../src/gateway/settings.ts';
import { logger } from '../src/logging/logger.ts';
import { usageFromEnvironment } from '../src/usage/usage-from-environment.ts';
import { aggregate } from '../src/usage/aggregate.ts';
import { unreadableEntry, type UnreadableLines } from '../src/usage/report.ts';

const usage = usageFromEnvironment(process.env);
const functionName = requiredVariable(process.env, 'AWS_LAMBDA_FUNCTION_NAME');

function reportUnreadable(lines: UnreadableLines): void {
  const entry = unreadableEntry(lines, { functionName, now: Date.now() });
  logger.error('access log lines are unreadable and were not counted', entry);
}

/** Counts the requests of each key from the access logs. */
export const handler = (event: CloudWatchLogsEvent) => aggregate(event, { usage, reportUnreadable });
