import type { DenialReason } from '../core/decision/denial-reasons.ts';
import type { AuthorizerRequest } from './request.ts';

/** A path segment of 16 characters or more could be a key of any issuer. */
const LONG_SEGMENT = /[^/]{16,}/g;

/** Returns the fields of a report that identify the request. Replaces long path segments, because they could be keys. */
export function requestFields({
  route: { arn, stageArn },
  requestId,
}: AuthorizerRequest): Pick<Report, 'arn' | 'requestId'> {
  return { arn: stageArn + arn.slice(stageArn.length).replaceAll(LONG_SEGMENT, '…'), requestId };
}

/** One decision, for the operator. It contains only the public prefix of a key. */
export interface Report {
  /** `error`: the request was rejected because something failed. */
  readonly result: 'allowed' | 'error' | DenialReason;
  /** `undefined` if the settings can't be read. */
  readonly label: string | undefined;
  readonly keyId?: string | undefined;
  /** The ARN of the call, without path segments that are long enough to be a key. */
  readonly arn?: string | undefined;
  readonly requestId?: string | undefined;
  /** In milliseconds. */
  readonly durationMs: number;
  /** The permission that allowed the request, for custom authorizers. */
  readonly authorizedBy?: string | undefined;
  /** The reason that a custom authorizer gives. */
  readonly detail?: string | undefined;
  /** The error, if something failed. */
  readonly error?: string | undefined;
}

/** Receives a report of each decision. */
export type Reporter = (report: Report) => void;

/**
 * Writes each report as one line that is both a structured log entry and CloudWatch metrics (embedded metric format):
 * `Decisions` by function and result, and `Duration` by function.
 *
 * The dimension is the name of the Lambda function: it is unique in an account and Region, so two deployments with the
 * same label have separate metrics, and it is known even when the settings can't be read.
 *
 * The management functions use Powertools; the authorizer does not, to keep its bundle small (docs/performance.md).
 *
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function emfReporter(write: (line: string) => void, now: () => number, functionName: string): Reporter {
  const constant = `,"FunctionName":${JSON.stringify(functionName)},"_aws":{"CloudWatchMetrics":${METRICS},"Timestamp":`;
  return (report) => {
    const entry = JSON.stringify({
      level: report.result === 'error' || report.result === 'corrupt' ? 'ERROR' : 'INFO',
      message: report.result === 'allowed' || report.result === 'error' ? report.result : 'denied',
      ...report,
      // Written as the metric `Duration`.
      durationMs: undefined,
      Decisions: 1,
      Duration: report.durationMs,
    });
    write(`${entry.slice(0, -1)}${constant}${String(now())}}}`);
  };
}

/** Returns the name of the Lambda function, or `local` outside Lambda: a dimension can't be empty. */
export function functionNameIn(environment: NodeJS.ProcessEnv): string {
  return environment['AWS_LAMBDA_FUNCTION_NAME'] ?? 'local';
}

/** Returns the reporter of Latchkey's authorizers. */
export function reportToStandardOutput(): Reporter {
  return emfReporter(writeToStandardOutput, Date.now, functionNameIn(process.env));
}

/**
 * Writes a line to standard output. `console.log` is not an option: Lambda adds a time and a request id to its lines, and
 * Contributor Insights needs plain JSON.
 */
export function writeToStandardOutput(line: string): void {
  process.stdout.write(`${line}\n`);
}

const METRICS = JSON.stringify([
  {
    Namespace: 'Latchkey',
    Dimensions: [['FunctionName', 'result']],
    Metrics: [{ Name: 'Decisions', Unit: 'Count' }],
  },
  { Namespace: 'Latchkey', Dimensions: [['FunctionName']], Metrics: [{ Name: 'Duration', Unit: 'Milliseconds' }] },
]);
