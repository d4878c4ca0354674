import {
  AccessLogFormat,
  LogGroupLogDestination,
  MethodLoggingLevel,
  type StageOptions,
} from 'aws-cdk-lib/aws-apigateway';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

/**
 * Returns the log settings of the admin API's stage. They log the path of the resource, not of the request. What clients send
 * in paths, query strings and bodies can be a key, so it is never logged.
 */
export function loggedStage(scope: Construct, retention: RetentionDays): StageOptions {
  const entry = {
    requestId: '$context.requestId',
    time: '$context.requestTime',
    ip: '$context.identity.sourceIp',
    caller: '$context.identity.userArn',
    method: '$context.httpMethod',
    resource: '$context.resourcePath',
    status: '$context.status',
    latencyMs: '$context.responseLatency',
    error: '$context.error.responseType',
  };
  return {
    accessLogDestination: new LogGroupLogDestination(new LogGroup(scope, 'AccessLog', { retention })),
    accessLogFormat: AccessLogFormat.custom(JSON.stringify(entry)),
    loggingLevel: MethodLoggingLevel.ERROR,
    dataTraceEnabled: false,
  };
}
