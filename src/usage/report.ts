/** Lines of an access log that are not in the expected format. */
export interface UnreadableLines {
  readonly logGroup: string;
  readonly logStream: string;
  /** The ids of the lines in CloudWatch Logs. */
  readonly ids: readonly string[];
}

/** The metric that counts unreadable lines, by the name of the function that reads them. */
export const UNREADABLE_METRIC = {
  namespace: 'Latchkey',
  name: 'UnreadableAccessLogLines',
  dimension: 'function',
} as const;

/** The maximum number of line ids in the log entry. The metric counts all lines. */
const MAX_IDS = 20;

/**
 * Returns the fields of a log entry that is also a CloudWatch metric (embedded metric format). It has the location of the
 * unreadable lines, but not their content, which could be sensitive.
 *
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function unreadableEntry(
  { logGroup, logStream, ids }: UnreadableLines,
  { functionName, now }: { readonly functionName: string; readonly now: number },
): Readonly<Record<string, unknown>> {
  const { namespace, name, dimension } = UNREADABLE_METRIC;
  return {
    logGroup,
    logStream,
    ids: ids.slice(0, MAX_IDS),
    [dimension]: functionName,
    [name]: ids.length,
    _aws: {
      Timestamp: now,
      CloudWatchMetrics: [
        { Namespace: namespace, Dimensions: [[dimension]], Metrics: [{ Name: name, Unit: 'Count' }] },
      ],
    },
  };
}
