import type { DenialReason } from '../core/decision/denial-reasons.ts';
import type { AuthorizerRequest } from './request.ts';

/** What stands in a path as a part of its own and is as long as this may be a key, whoever has issued it. */
const LONG_PART = /[^/]{16,}/g;

/** Which request a report is about. */
export function about({ route: { arn, stageArn }, requestId }: AuthorizerRequest): Pick<Report, 'arn' | 'requestId'> {
  return { arn: stageArn + arn.slice(stageArn.length).replaceAll(LONG_PART, '…'), requestId };
}

/** One decision, for the operator. Never holds more of a key than its public prefix. */
export interface Report {
  /** `error`: nobody was let in because something failed. */
  readonly result: 'allowed' | 'error' | DenialReason;
  /** `undefined`: the settings can't be read. */
  readonly label: string | undefined;
  readonly keyId?: string | undefined;
  /** What was called; parts of the path that are long enough to be a key are left out. */
  readonly arn?: string | undefined;
  readonly requestId?: string | undefined;
  readonly durationMs: number;
  /** By which permission the caller was let in, where there are several. */
  readonly authorizedBy?: string | undefined;
  /** What an authorizer of the team's own says of its decision. */
  readonly detail?: string | undefined;
  /** What failed, when something has. */
  readonly error?: string | undefined;
}

export type Reporter = (report: Report) => void;

/**
 * Writes each report as one line that is both a structured log entry and CloudWatch metrics (embedded metric format):
 * `Decisions` by function and result, and `Duration` by function.
 *
 * The dimension is the name of the Lambda function: it is unique in an account and Region, so two deployments with the
 * same label have metrics of their own, and it is known even when the settings can't be read.
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
      // Under the metric's name.
      durationMs: undefined,
      Decisions: 1,
      Duration: report.durationMs,
    });
    write(`${entry.slice(0, -1)}${constant}${String(now())}}}`);
  };
}

/** The name of the Lambda function that runs, or `local` outside Lambda: a dimension can't be empty. */
export function functionNameIn(environment: NodeJS.ProcessEnv): string {
  return environment['AWS_LAMBDA_FUNCTION_NAME'] ?? 'local';
}

/** The reporter of Latchkey's own authorizers. */
export function reportToStandardOutput(): Reporter {
  return emfReporter(writeToStandardOutput, Date.now, functionNameIn(process.env));
}

/**
 * Writes a line as it is. Lambda puts a time and a request id in front of lines that `console` writes, and Contributor
 * Insights needs plain JSON.
 */
export function writeToStandardOutput(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** The same on every line. */
const METRICS = JSON.stringify([
  {
    Namespace: 'Latchkey',
    Dimensions: [['FunctionName', 'result']],
    Metrics: [{ Name: 'Decisions', Unit: 'Count' }],
  },
  { Namespace: 'Latchkey', Dimensions: [['FunctionName']], Metrics: [{ Name: 'Duration', Unit: 'Milliseconds' }] },
]);
