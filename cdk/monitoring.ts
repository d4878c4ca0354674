import { Duration, Lazy, Names, Stack } from 'aws-cdk-lib';
import {
  Alarm,
  CfnInsightRule,
  ComparisonOperator,
  Dashboard,
  GraphWidget,
  LogQueryVisualizationType,
  LogQueryWidget,
  MathExpression,
  Metric,
  Stats,
  TextWidget,
  TreatMissingData,
  type AlarmProps,
  type IAlarmAction,
  type IMetric,
  type IWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable, ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnQueryDefinition, FilterPattern, MetricFilter } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { DENIAL_REASONS } from '../src/core/decision/denial-reasons.ts';
import { INDEXES, type IndexSchema } from '../src/storage/table.ts';
import type { IApiKeys } from './i-api-keys.ts';
import type { KeyEvents } from './key-events.ts';
import type { RateLimits } from './rate-limits.ts';
import type { UsagePlans } from './usage-plans.ts';
import type { Usage } from './usage.ts';

/** Properties of {@link Monitoring}. */
export interface MonitoringProps {
  /** The keys whose authorizer is monitored. */
  readonly keys: IApiKeys;
  /**
   * The counters of the rate limiter, to alarm on throttling of their table.
   *
   * @default no alarm
   */
  readonly limits?: RateLimits;
  /**
   * The usage counters, to show requests in addition to decisions, and to alarm on usage that can't be counted. It must have at
   * least one access log. The requests of all kinds of key that it counts are shown.
   *
   * @default only decisions are shown
   */
  readonly usage?: Usage;
  /**
   * The events, to alarm on events that can't be published and on expiries that are no longer announced.
   *
   * @default no alarm
   */
  readonly events?: KeyEvents;
  /**
   * The usage plans, to alarm on keys that API Gateway rejects.
   *
   * @default no alarm
   */
  readonly usagePlans?: UsagePlans;
  /**
   * What an alarm does, such as `new SnsAction(topic)`.
   *
   * @default alarms only change their state
   */
  readonly alarmActions?: readonly IAlarmAction[];
  /**
   * How many wrong secrets for one prefix within five minutes count as guessing.
   *
   * @default 20
   */
  readonly guessesPerPrefix?: number;
}

const NAMESPACE = 'Latchkey';
const PERIOD = Duration.minutes(5);
/**
 * The number of periods that an alarm evaluates. One breaching period is enough. With a single period, a metric that arrives
 * late is never seen: `FILL` has made it 0 by then.
 */
const PERIODS = 3;
/** How many wrong secrets for one prefix a client with a damaged key causes within {@link damagedKeyWindow}. */
const DAMAGED_KEY_DECISIONS = 3;

/**
 * The lines that Lambda itself writes when a function crashes, times out or fails to start, as a CloudWatch Logs filter
 * pattern. Callers shape parts of the lines that the authorizer writes (path, request id). Those start with `{`, or with a
 * time, a request id and a level, so only patterns that are anchored to the start of the line are safe:
 *
 * - `2026-01-15T12:00:00.000Z <request id> Task timed out after 5.00 seconds`
 * - `RequestId: <request id> Error: Runtime exited with error: exit status 1` or `Process exited before completing request`
 * - `INIT_REPORT Init Duration: 206.72 ms Phase: init Status: error Error Type: Runtime.ExitError`
 * - `REPORT RequestId: … Status: timeout`, or `Status: error Error Type: Runtime.ExitError`. Not every `Runtime.` counts: Lambda
 *   reports the errors that a handler throws, such as `Unauthorized`, as `Runtime.Unknown`.
 *
 * The syntax of regular expressions there has no groups, and `\s` stands for a space.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/regex-expressions.html
 */
const CRASH_LINES = [
  String.raw`^[0-9-]+T[0-9:.]+Z\s[0-9a-f-]*\s?Task\stimed\sout\safter`,
  String.raw`^RequestId:\s[0-9a-f-]*\s?Error:`,
  String.raw`^RequestId:\s[0-9a-f-]*\s?Process\sexited`,
  String.raw`^INIT_REPORT\s.*Status:\serror`,
  String.raw`^INIT_REPORT\s.*Status:\stimeout`,
  String.raw`^REPORT\s.*Status:\stimeout`,
  String.raw`^REPORT\s.*Error\sType:\sRuntime\.ExitError`,
];
/** The metric filter that counts the same lines. */
export const CRASH_FILTER_PATTERN = `%${CRASH_LINES.join('|')}%`;
/** The same lines, and decisions that failed, for CloudWatch Logs Insights. */
const FAILURES = [
  `filter level = "ERROR" or @message like /${CRASH_LINES.join('|')}/`,
  'fields @timestamp, coalesce(result, "crash") as what, coalesce(error, @message) as why, requestId',
  'sort @timestamp desc',
];
/** Saved queries of CloudWatch Logs Insights, on the authorizer's log. The log contains only the prefix of a key. */
const QUERIES: readonly (readonly [name: string, lines: readonly string[]])[] = [
  ['Denials by reason', ['filter message = "denied"', 'stats count(*) as denials by result, bin(1h)']],
  [
    'Why a key is denied',
    [
      'filter keyId = "PREFIX" and message = "denied"',
      'fields @timestamp, result, arn, requestId',
      'sort @timestamp desc',
      'limit 100',
    ],
  ],
  [
    'Guessing: wrong secrets by prefix',
    ['filter result = "mismatch"', 'stats count(*) as guesses by keyId', 'sort guesses desc', 'limit 20'],
  ],
  [
    'Slowest decisions',
    ['filter ispresent(Duration)', 'fields @timestamp, result, Duration, requestId', 'sort Duration desc', 'limit 50'],
  ],
  ['Failures', [...FAILURES, 'limit 100']],
];

/**
 * A dashboard, alarms, Contributor Insights rules and saved queries, on the metrics and the log of the authorizer and on
 * the access logs. Each alarm evaluates three periods, of which one is enough, because metrics can arrive minutes late.
 *
 * @throws {Error} at synthesis, if `usage` has no access log
 * @example
 * new Monitoring(this, 'Monitoring', { keys, usage, alarmActions: [new SnsAction(topic)] });
 */
export class Monitoring extends Construct {
  /** The dashboard. */
  readonly dashboard: Dashboard;
  /** The alarms. */
  readonly alarms: readonly Alarm[];

  constructor(scope: Construct, id: string, props: MonitoringProps) {
    super(scope, id);
    const { keys, limits, usage, events, alarmActions = [], guessesPerPrefix = 20 } = props;
    const { authorizerFunction } = keys;
    const { functionName } = authorizerFunction;
    const { logGroupName } = keys.authorizerLogGroup;

    const topKeys = this.#rule('TopKeys', [logGroupName], [{ Match: '$.result', In: ['allowed'] }]);
    const guesses = this.#rule('Guesses', [logGroupName], [{ Match: '$.result', In: ['mismatch'] }]);
    const requests = usage === undefined ? undefined : this.#requestRules(usage);
    const waiting = waitingIn(props);

    const throttles = {
      keys: throttlesOf(keys.table, 'keys', INDEXES),
      ...(limits === undefined ? {} : { limits: throttlesOf(limits.table, 'limits') }),
      ...(usage === undefined ? {} : { usage: throttlesOf(usage.table, 'usage') }),
    };
    const authorizerThrottles = authorizerFunction.metricThrottles({ period: PERIOD, label: 'throttled by Lambda' });
    // Not Lambda's metric `Errors`: it also counts every request without a well-formed key, which the authorizer rejects by
    // throwing `Unauthorized`.
    const crashes = new MetricFilter(this, 'Crashes', {
      logGroup: keys.authorizerLogGroup,
      metricNamespace: NAMESPACE,
      // Each filter has a separate metric. Otherwise two dashboards on one authorizer would count each crash twice.
      metricName: `Crashes-${nameOf(this)}`,
      filterPattern: FilterPattern.literal(CRASH_FILTER_PATTERN),
    }).metric({ statistic: Stats.SUM, period: PERIOD, label: 'crashes' });

    const alarm = (name: string, metric: IMetric, alarmDescription: string, settings: Partial<AlarmProps> = {}) =>
      new Alarm(this, name, {
        metric,
        alarmDescription,
        threshold: 1,
        evaluationPeriods: PERIODS,
        datapointsToAlarm: 1,
        comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        treatMissingData: TreatMissingData.NOT_BREACHING,
        ...settings,
      });
    this.alarms = [
      alarm(
        'Guessing',
        insightMetric(guesses, 'MaxContributorValue', 'guesses'),
        'Many wrong secrets for one prefix: someone may be guessing keys. Saved query "Guessing".',
        { threshold: guessesPerPrefix },
      ),
      alarm(
        'DamagedKey',
        insightMetric(guesses, 'MaxContributorValue', 'wrong secrets', damagedKeyWindow(keys)),
        'A client keeps calling with a wrong secret: its key may be damaged. Saved query "Guessing".',
        { threshold: DAMAGED_KEY_DECISIONS, evaluationPeriods: 2 },
      ),
      alarm(
        'AuthorizerErrors',
        sumOf('errors', { undecided: decisions(functionName, 'error'), crashes }),
        'The authorizer failed, and API Gateway rejected the requests. Saved query "Failures".',
      ),
      alarm(
        'AuthorizerThrottles',
        authorizerThrottles,
        'Lambda throttled the authorizer, and API Gateway rejected the requests. Check its concurrency.',
      ),
      alarm(
        'Throttles',
        throttles.keys,
        'DynamoDB throttled the keys table or one of its indexes. See docs/operations.md.',
      ),
      ...(throttles.limits === undefined
        ? []
        : [
            alarm(
              'LimitThrottles',
              throttles.limits,
              'DynamoDB throttled the table of the limiter. See docs/operations.md.',
            ),
          ]),
      ...(throttles.usage === undefined
        ? []
        : [alarm('UsageThrottles', throttles.usage, 'DynamoDB throttled the usage table. See docs/operations.md.')]),
      ...waiting.map(({ name, metric, description }) => alarm(name, metric, description)),
    ];
    for (const one of this.alarms) one.addAlarmAction(...alarmActions);
    usage?.unreadableAlarm.addAlarmAction(...alarmActions);
    if (events !== undefined) {
      const announcer = alarm(
        'Announcer',
        successfulRuns(events.announcer),
        'No lookup of expiring keys has succeeded for fifteen minutes. See docs/events.md.',
        {
          datapointsToAlarm: PERIODS,
          comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
          // If the function doesn't run, the metric has no data, and the alarm changes to INSUFFICIENT_DATA. That change
          // notifies. After a deployment, the alarm starts in that state, which does not notify.
          treatMissingData: TreatMissingData.MISSING,
        },
      );
      announcer.addAlarmAction(...alarmActions);
      announcer.addInsufficientDataAction(...alarmActions);
      this.alarms = [...this.alarms, announcer];
    }

    this.dashboard = new Dashboard(this, 'Dashboard', { defaultInterval: Duration.hours(12) });
    this.dashboard.addWidgets(
      new TextWidget({
        width: 24,
        height: 2,
        markdown: `# Latchkey: keys "${keys.label}"\nDecisions of the authorizer \`${functionName}\`, without requests that API Gateway authorizes from its cache.${requests === undefined ? '' : ' Requests come from the access logs.'}`,
      }),
    );
    this.dashboard.addWidgets(
      graph('Allowed and denied', [
        decisions(functionName, 'allowed'),
        sumOf('denied', Object.fromEntries(DENIAL_REASONS.map((reason) => [reason, decisions(functionName, reason)]))),
      ]),
      graph(
        'Denied, by reason',
        DENIAL_REASONS.map((reason) => decisions(functionName, reason)),
        true,
      ),
    );
    this.dashboard.addWidgets(
      graph(
        'Latency, ms',
        ['p50', 'p99', Stats.MAXIMUM].map((statistic) => duration(functionName, statistic)),
      ),
      graph('Failures and throttles', [
        decisions(functionName, 'error'),
        crashes,
        authorizerThrottles,
        ...Object.values(throttles),
      ]),
    );
    this.dashboard.addWidgets(
      insightWidget('Top keys, by decision', topKeys),
      insightWidget('Wrong secrets, by prefix', guesses),
    );
    if (requests !== undefined) {
      this.dashboard.addWidgets(
        insightWidget('Top keys, by request', requests.all),
        insightWidget('Throttled requests, by key', requests.throttled),
      );
      this.dashboard.addWidgets(
        graph('Requests with a key', [
          insightMetric(requests.all, 'Sum', 'all'),
          insightMetric(requests.throttled, 'Sum', 'throttled (429)'),
        ]),
      );
    }
    if (waiting.length > 0) {
      this.dashboard.addWidgets(
        graph(
          'Needs attention',
          waiting.map(({ metric, label }) => metric.with({ label })),
        ),
      );
    }
    this.dashboard.addWidgets(
      new LogQueryWidget({
        title: 'Latest failures',
        width: 24,
        height: 6,
        logGroupNames: [logGroupName],
        view: LogQueryVisualizationType.TABLE,
        queryLines: [...FAILURES, 'limit 20'],
      }),
    );

    for (const [name, lines] of QUERIES) {
      new CfnQueryDefinition(this, `Query-${name}`, {
        name: `Latchkey/${nameOf(this)}/${keys.label}/${name}`,
        logGroupNames: [logGroupName],
        queryString: lines.join('\n| '),
      });
    }
  }

  /** Counts lines of the access logs. In a line without a key, the key's id is `-`. */
  #requestRules(usage: Usage): { readonly all: CfnInsightRule; readonly throttled: CfnInsightRule } {
    this.node.addValidation({
      validate: () =>
        usage.accessLogs.length > 0
          ? []
          : ['usage has no access log. Call its restAccessLog() or httpAccessLog() for a stage, or leave usage out.'],
    });
    const logGroupNames = Lazy.list({ produce: () => usage.accessLogs.map(({ logGroupName }) => logGroupName) });
    const ofKeys = { Match: '$.keyId', NotIn: ['-'] };
    return {
      all: this.#rule('TopKeysByRequest', logGroupNames, [ofKeys]),
      throttled: this.#rule('ThrottledRequests', logGroupNames, [ofKeys, { Match: '$.status', In: ['429'] }]),
    };
  }

  /** Counts log lines by key. */
  #rule(id: string, logGroupNames: readonly string[], filters: readonly object[]): CfnInsightRule {
    return new CfnInsightRule(this, id, {
      ruleName: `Latchkey-${nameOf(this)}-${id}`,
      ruleState: 'ENABLED',
      ruleBody: Stack.of(this).toJsonString({
        Schema: { Name: 'CloudWatchLogRule', Version: 1 },
        LogFormat: 'JSON',
        LogGroupNames: logGroupNames,
        Contribution: { Keys: ['$.keyId'], Filters: filters },
        AggregateOn: 'Count',
      }),
    });
  }
}

/** Returns a name that is unique in the account and Region, from the stack's name and the construct's path. */
function nameOf(construct: Construct): string {
  return Names.uniqueResourceName(construct, { maxLength: 80 });
}

/** The metric `Decisions`, as `src/authorizer/report.ts` writes it. */
function decisions(functionName: string, result: string): Metric {
  return new Metric({
    namespace: NAMESPACE,
    metricName: 'Decisions',
    dimensionsMap: { FunctionName: functionName, result },
    statistic: Stats.SUM,
    period: PERIOD,
    label: result,
  });
}

function duration(functionName: string, statistic: string): Metric {
  return new Metric({
    namespace: NAMESPACE,
    metricName: 'Duration',
    dimensionsMap: { FunctionName: functionName },
    statistic,
    period: PERIOD,
    label: statistic,
  });
}

/** A sum in which a metric without data counts as 0. Without `FILL`, the sum has no data if one metric has none. */
function sumOf(label: string, usingMetrics: Record<string, IMetric>): MathExpression {
  const expression = Object.keys(usingMetrics)
    .map((name) => `FILL(${name}, 0)`)
    .join(' + ');
  return new MathExpression({ label, period: PERIOD, expression, usingMetrics });
}

/**
 * The requests to a table and its indexes that DynamoDB throttles. The dimension `TableName` alone excludes the indexes.
 *
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
 */
function throttlesOf(
  { tableName }: ITable | ITableV2,
  label: string,
  indexes: readonly IndexSchema[] = [],
): MathExpression {
  const places = [{}, ...indexes.map(({ name }) => ({ GlobalSecondaryIndexName: name }))];
  return sumOf(
    `throttled by DynamoDB: ${label}`,
    Object.fromEntries(
      places.flatMap((place, index) =>
        ['ReadThrottleEvents', 'WriteThrottleEvents'].map((metricName) => [
          `${label}${metricName}${String(index)}`,
          new Metric({
            namespace: 'AWS/DynamoDB',
            metricName,
            dimensionsMap: { TableName: tableName, ...place },
            statistic: Stats.SUM,
            period: PERIOD,
          }),
        ]),
      ),
    ),
  );
}

/** Lambda writes both metrics for each invocation, so that neither has data where the function does not run. */
function successfulRuns(announcer: IFunction): MathExpression {
  return new MathExpression({
    label: 'successful runs',
    period: PERIOD,
    expression: 'runs - failed',
    usingMetrics: {
      runs: announcer.metricInvocations({ period: PERIOD }),
      failed: announcer.metricErrors({ period: PERIOD }),
    },
  });
}

/**
 * How long a client with a damaged key is watched. API Gateway caches each denial for `cacheTtl`, so a client that calls all
 * the time causes one decision per `cacheTtl`: this time holds four, of which {@link DAMAGED_KEY_DECISIONS} are enough.
 */
function damagedKeyWindow({ cacheTtl }: IApiKeys): Duration {
  return Duration.minutes(Math.max(15, 4 * Math.ceil(cacheTtl.toMinutes({ integral: false }))));
}

/** A metric of a Contributor Insights rule. `MaxContributorValue` is the count of the key with the most lines. */
function insightMetric(
  rule: CfnInsightRule,
  figure: 'MaxContributorValue' | 'Sum',
  label: string,
  period = PERIOD,
): MathExpression {
  return new MathExpression({
    expression: `INSIGHT_RULE_METRIC('${rule.attrRuleName}', '${figure}')`,
    usingMetrics: {},
    period,
    label,
  });
}

interface Waiting {
  readonly name: string;
  /** The number of messages in the queue. */
  readonly metric: Metric;
  readonly label: string;
  readonly description: string;
}

/** The dead-letter queues of the functions, and the alarm on each. */
function waitingIn({ usage, events, usagePlans }: MonitoringProps): Waiting[] {
  const queues: readonly (readonly [name: string, queue: IQueue | undefined, label: string, description: string])[] = [
    ['Uncounted', usage?.uncounted, 'usage not counted', 'Usage could not be counted. See docs/operations.md.'],
    ['Unpublished', events?.unpublished, 'events not published', 'Events could not be published. See docs/events.md.'],
    [
      'NotInStep',
      usagePlans?.notInStep,
      'usage plans out of sync',
      'API Gateway rejected a key for its usage plan. See docs/limits.md.',
    ],
  ];
  return queues.flatMap(([name, queue, label, description]) => {
    const metric = queue?.metricApproximateNumberOfMessagesVisible({ statistic: Stats.MAXIMUM, period: PERIOD });
    return metric === undefined ? [] : { name, metric, label, description };
  });
}

function graph(title: string, left: IMetric[], stacked = false): GraphWidget {
  return new GraphWidget({ title, left, stacked, width: 12, height: 6, leftYAxis: { min: 0 } });
}

/** A metric widget with a rule in place of metrics: CDK has no widget for Contributor Insights. */
function insightWidget(title: string, rule: CfnInsightRule): IWidget {
  let place = { x: 0, y: 0 };
  return {
    width: 12,
    height: 6,
    position(x, y) {
      place = { x, y };
    },
    toJson: () => [
      {
        type: 'metric',
        width: 12,
        height: 6,
        ...place,
        properties: {
          title,
          region: Stack.of(rule).region,
          period: PERIOD.toSeconds(),
          insightRule: { maxContributorCount: 10, orderBy: 'Sum', ruleName: rule.attrRuleName },
          legend: { position: 'bottom' },
          view: 'timeSeries',
        },
      },
    ],
  };
}
