/** Lines of an access log that are not in its format. */
export interface UnreadableLines {
  readonly logGroup: string;
  readonly logStream: string;
  /** The ids that CloudWatch Logs gave the lines. */
  readonly ids: readonly string[];
}

/** The metric that counts unreadable lines, by the name of the function that reads them. */
export const UNREADABLE_METRIC = {
  namespace: 'Latchkey',
  name: 'UnreadableAccessLogLines',
  dimension: 'function',
} as const;

/** How many line ids are logged. They are for finding the lines; the metric has their number. */
const MAX_IDS = 20;

/**
 * Returns the fields of a log entry that is also a CloudWatch metric (embedded metric format). It says where the
 * unreadable lines are, and not what they contain, because that could be anything.
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
