import { Duration, Lazy, Stack } from 'aws-cdk-lib';
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
  type IAlarmAction,
  type IMetric,
  type IWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import { CfnQueryDefinition, FilterPattern, MetricFilter } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { DENIAL_REASONS } from '../functions/domain/decision.ts';
import type { ApiKeys } from './api-keys.ts';
import type { KeyEvents } from './key-events.ts';
import type { RateLimits } from './rate-limits.ts';
import type { UsagePlans } from './usage-plans.ts';
import type { Usage } from './usage.ts';

export interface MonitoringProps {
  readonly keys: ApiKeys;
  /**
   * The counters of the own limiter, to watch them too.
   *
   * @default they are not watched
   */
  readonly limits?: RateLimits;
  /**
   * Where usage is counted, to show requests too, of all kinds of key that it counts, and to watch that it is. Has at least one
   * access log.
   *
   * @default only decisions are shown
   */
  readonly usage?: Usage;
  /**
   * To watch that all events are published.
   *
   * @default it is not watched
   */
  readonly events?: KeyEvents;
  /**
   * To watch that API Gateway's keys are kept in step.
   *
   * @default it is not watched
   */
  readonly usagePlans?: UsagePlans;
  /**
   * What an alarm does, such as `new SnsAction(topic)`.
   *
   * @default it only shows
   */
  readonly alarmActions?: readonly IAlarmAction[];
  /**
   * How many wrong secrets on one prefix within five minutes are somebody guessing.
   *
   * @default 20
   */
  readonly guessesPerPrefix?: number;
}

const NAMESPACE = 'Latchkey';
const PERIOD = Duration.minutes(5);
const FAILURES = ['filter level = "ERROR"', 'fields @timestamp, result, error, requestId', 'sort @timestamp desc'];
/** Saved queries of CloudWatch Logs Insights, on what the authorizer logs. None of it holds more of a key than its prefix. */
const QUERIES: readonly (readonly [name: string, lines: readonly string[]])[] = [
  ['Refusals by reason', ['filter message = "denied"', 'stats count(*) as refusals by result, bin(1h)']],
  [
    'Why a key is refused',
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
 * A dashboard, alarms, Contributor Insights rules and saved queries, on the metrics and the log of the authorizer, and on the
 * access logs.
 *
 * @throws {Error} at synthesis, if `usage` has no access log
 * @example
 * new Monitoring(this, 'Monitoring', { keys, usage, alarmActions: [new SnsAction(topic)] });
 */
export class Monitoring extends Construct {
  readonly dashboard: Dashboard;
  readonly alarms: readonly Alarm[];

  constructor(scope: Construct, id: string, props: MonitoringProps) {
    super(scope, id);
    const { keys, limits, usage, alarmActions = [], guessesPerPrefix = 20 } = props;
    const { logGroupName } = keys.authorizerLogGroup;

    const topKeys = this.#rule('TopKeys', [logGroupName], [{ Match: '$.result', In: ['allowed'] }]);
    const guesses = this.#rule('Guesses', [logGroupName], [{ Match: '$.result', In: ['mismatch'] }]);
    const requests = usage === undefined ? undefined : this.#requestRules(usage);
    const waiting = waitingIn(props);

    const tables = [keys.table, ...(limits === undefined ? [] : [limits.table])];
    const throttles = sumOf(
      'throttled',
      Object.fromEntries(
        tables.flatMap(({ tableName }, index) => [
          [`reads${String(index)}`, throttleEvents('ReadThrottleEvents', tableName)],
          [`writes${String(index)}`, throttleEvents('WriteThrottleEvents', tableName)],
        ]),
      ),
    );
    // Not Lambda's own metric of errors: it also counts every request without a good key, which the authorizer answers
    // by throwing `Unauthorized`.
    const crashes = new MetricFilter(this, 'Crashes', {
      logGroup: keys.authorizerLogGroup,
      metricNamespace: NAMESPACE,
      metricName: `Crashes-${keys.label}`,
      filterPattern: FilterPattern.anyTerm('Task timed out', 'Runtime.'),
    }).metric({ statistic: Stats.SUM, period: PERIOD, label: 'crashes' });
    const alarm = (name: string, metric: IMetric, threshold: number, alarmDescription: string) =>
      new Alarm(this, name, {
        metric,
        threshold,
        alarmDescription,
        evaluationPeriods: 1,
        comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        treatMissingData: TreatMissingData.NOT_BREACHING,
      });
    this.alarms = [
      alarm(
        'Guessing',
        insightMetric(guesses, 'MaxContributorValue', 'guesses'),
        guessesPerPrefix,
        'Wrong secrets on one prefix: somebody is guessing, or a client has a damaged key. Saved query "Guessing".',
      ),
      alarm(
        'AuthorizerErrors',
        sumOf('errors', { undecided: decisions(keys.label, 'error'), crashes }),
        1,
        'The authorizer could not decide, and nobody was let in. Saved query "Failures".',
      ),
      alarm(
        'Throttles',
        throttles,
        1,
        'DynamoDB has throttled: more than it takes, on the table or on one of its keys.',
      ),
      ...waiting.map(({ name, metric, description }) => alarm(name, metric, 1, description)),
    ];
    for (const one of this.alarms) one.addAlarmAction(...alarmActions);

    this.dashboard = new Dashboard(this, 'Dashboard', { defaultInterval: Duration.hours(12) });
    this.dashboard.addWidgets(
      new TextWidget({
        width: 24,
        height: 2,
        markdown: `# Latchkey: keys "${keys.label}"\nDecisions are those of the authorizer; requests that API Gateway answers from its cache are not among them.${requests === undefined ? '' : ' Requests are those of the access logs.'}`,
      }),
    );
    this.dashboard.addWidgets(
      graph('Let in and refused', [
        decisions(keys.label, 'allowed'),
        sumOf('refused', Object.fromEntries(DENIAL_REASONS.map((reason) => [reason, decisions(keys.label, reason)]))),
      ]),
      graph(
        'Refused, by reason',
        DENIAL_REASONS.map((reason) => decisions(keys.label, reason)),
        true,
      ),
    );
    this.dashboard.addWidgets(
      graph(
        'Latency, ms',
        ['p50', 'p99', Stats.MAXIMUM].map((statistic) => duration(keys.label, statistic)),
      ),
      graph('Failures and throttles', [
        decisions(keys.label, 'error'),
        crashes,
        keys.authorizerFunction.metricThrottles({ period: PERIOD, label: 'throttled by Lambda' }),
        throttles,
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
          insightMetric(requests.throttled, 'Sum', 'throttled: answered 429'),
        ]),
      );
    }
    if (waiting.length > 0) {
      this.dashboard.addWidgets(
        graph(
          'Waiting for somebody to see to it',
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
        name: `Latchkey/${Stack.of(this).stackName}/${keys.label}/${name}`,
        logGroupNames: [logGroupName],
        queryString: lines.join('\n| '),
      });
    }
  }

  /** Counts lines of the access logs. A line without a key has a `-` for it. */
  #requestRules(usage: Usage): { readonly all: CfnInsightRule; readonly throttled: CfnInsightRule } {
    this.node.addValidation({
      validate: () =>
        usage.accessLogs.length > 0
          ? []
          : ['the usage has no access log; accepted: one whose restAccessLog() or httpAccessLog() a stage has'],
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
      ruleName: `Latchkey-${Stack.of(this).stackName}-${this.node.id}-${id}`,
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

/** `Decisions` of the authorizer, as `functions/authorize/report.ts` writes them. */
function decisions(label: string, result: string): Metric {
  return new Metric({
    namespace: NAMESPACE,
    metricName: 'Decisions',
    dimensionsMap: { label, result },
    statistic: Stats.SUM,
    period: PERIOD,
    label: result,
  });
}

function duration(label: string, statistic: string): Metric {
  return new Metric({
    namespace: NAMESPACE,
    metricName: 'Duration',
    dimensionsMap: { label },
    statistic,
    period: PERIOD,
    label: statistic,
  });
}

/** A sum in which a metric that says nothing counts as 0: added plainly, it would leave no sum at all. */
function sumOf(label: string, usingMetrics: Record<string, IMetric>): MathExpression {
  const expression = Object.keys(usingMetrics)
    .map((name) => `FILL(${name}, 0)`)
    .join(' + ');
  return new MathExpression({ label, period: PERIOD, expression, usingMetrics });
}

function throttleEvents(metricName: string, tableName: string): Metric {
  return new Metric({
    namespace: 'AWS/DynamoDB',
    metricName,
    dimensionsMap: { TableName: tableName },
    statistic: Stats.SUM,
    period: PERIOD,
  });
}

/** A figure of a Contributor Insights rule, per five minutes. `MaxContributorValue` is the count of the key with the most lines. */
function insightMetric(rule: CfnInsightRule, figure: 'MaxContributorValue' | 'Sum', label: string): MathExpression {
  return new MathExpression({
    expression: `INSIGHT_RULE_METRIC('${rule.attrRuleName}', '${figure}')`,
    usingMetrics: {},
    period: PERIOD,
    label,
  });
}

interface Waiting {
  readonly name: string;
  /** How many messages are in the queue. */
  readonly metric: Metric;
  readonly label: string;
  readonly description: string;
}

/** What the functions have given up, and the alarm on it. */
function waitingIn({ usage, events, usagePlans }: MonitoringProps): Waiting[] {
  const queues: readonly (readonly [name: string, queue: IQueue | undefined, label: string, description: string])[] = [
    ['Uncounted', usage?.uncounted, 'usage not counted', 'Usage could not be counted, and can be: docs/operations.md.'],
    ['Unpublished', events?.unpublished, 'events not published', 'Events could not be published: docs/events.md.'],
    [
      'NotInStep',
      usagePlans?.notInStep,
      'usage plans not in step',
      'API Gateway would not take a key on its usage plan: docs/limits.md.',
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

/** CDK has no widget for Contributor Insights: it is a metric widget with a rule in place of metrics. */
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
