import { Fn, Lazy, Names, Stack } from 'aws-cdk-lib';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

/**
 * Creates the log group of an HTTP API's access log, with a name under `/aws/vendedlogs/`.
 *
 * For such log groups API Gateway allows itself to write in the account's resource policy, which has room for 5,120 characters.
 * Log groups under `/aws/vendedlogs/` share one entry there; each other name adds its own until no API can be deployed. The
 * name has the id of the stack, so a stack that is deleted and deployed again does not meet the log group that it kept.
 *
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html
 */
export function vendedLogGroup(scope: Construct, id: string, retention: RetentionDays): LogGroup {
  const stackGuid = Fn.select(2, Fn.split('/', Stack.of(scope).stackId));
  // The name comes from the path of the log group itself, so it is only known once that exists.
  const uniqueName = () => Names.uniqueResourceName(logGroup, { maxLength: 200, separator: '-' });
  const logGroup: LogGroup = new LogGroup(scope, id, {
    retention,
    logGroupName: `/aws/vendedlogs/latchkey/${Lazy.string({ produce: uniqueName })}-${stackGuid}`,
  });
  return logGroup;
}
