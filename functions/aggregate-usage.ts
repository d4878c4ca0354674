import type { CloudWatchLogsEvent } from 'aws-lambda';
import { usageFromEnvironment } from './store/usage-from-environment.ts';
import { aggregate } from './usage/aggregate.ts';

const usage = usageFromEnvironment(process.env);

/** Counts what keys are used for, from the access log. */
export const handler = (event: CloudWatchLogsEvent) => aggregate(event, { usage });
