import type { DenialReason } from '../domain/decision.ts';
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
  readonly label: string;
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
 * Writes one line that is both a structured log entry and a CloudWatch metric (embedded metric format):
 * `Decisions` by label and result, and `Duration` by label.
 *
 * By hand, where the management functions use Powertools: this is the function on everybody's hot path, and its
 * whole bundle is 30 kB (docs/performance.md).
 *
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function emfReporter(write: (line: string) => void, now: () => number): Reporter {
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
    write(`${entry.slice(0, -1)},"_aws":{"Timestamp":${String(now())},"CloudWatchMetrics":${METRICS}}}`);
  };
}

/** Where Latchkey's own authorizers report to. */
export function reportToStandardOutput(): Reporter {
  return emfReporter(writeToStandardOutput, Date.now);
}

/**
 * Not by the console: Lambda puts a time and a request id in front of what that writes, and Contributor Insights wants
 * plain JSON.
 */
export function writeToStandardOutput(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** The same on every line. */
const METRICS = JSON.stringify([
  {
    Namespace: 'Latchkey',
    Dimensions: [['label', 'result']],
    Metrics: [{ Name: 'Decisions', Unit: 'Count' }],
  },
  { Namespace: 'Latchkey', Dimensions: [['label']], Metrics: [{ Name: 'Duration', Unit: 'Milliseconds' }] },
]);
