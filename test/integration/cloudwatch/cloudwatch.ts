import type { Template } from 'aws-cdk-lib/assertions';
import { resourcesOf } from '../../support/cdk/synth.ts';
import { filterPattern } from '../../support/cloudwatch/filter-pattern.ts';

interface Datum {
  readonly metric: string;
  readonly value: number;
  readonly at: number;
  readonly arrives: number;
}

interface Line {
  readonly logGroup: string;
  readonly text: string;
  readonly at: number;
  readonly arrives: number;
}

/** A metric in an alarm of a template, with resolved references. */
interface Query {
  readonly Id: string;
  readonly Expression?: string;
  readonly Period?: number;
  readonly ReturnData?: boolean;
  readonly MetricStat?: {
    readonly Metric: { Namespace: string; MetricName: string; Dimensions?: readonly { Name: string; Value: string }[] };
    readonly Period: number;
    readonly Stat: string;
  };
}

interface AlarmProperties {
  readonly Metrics?: readonly Query[];
  readonly Namespace?: string;
  readonly MetricName?: string;
  readonly Dimensions?: readonly { Name: string; Value: string }[];
  readonly Statistic?: string;
  readonly Period?: number;
  readonly EvaluationPeriods: number;
  readonly DatapointsToAlarm?: number;
  readonly Threshold: number;
  readonly ComparisonOperator: 'GreaterThanOrEqualToThreshold' | 'LessThanThreshold';
  readonly TreatMissingData: 'notBreaching' | 'missing';
}

interface Filter {
  readonly LogGroupName: string;
  readonly FilterPattern: string;
  readonly MetricTransformations: readonly { MetricNamespace: string; MetricName: string; MetricValue: string }[];
}

interface RuleBody {
  readonly LogGroupNames: readonly string[];
  readonly Contribution: {
    readonly Keys: readonly string[];
    readonly Filters: readonly { Match: string; In?: readonly string[]; NotIn?: readonly string[] }[];
  };
}

interface EmbeddedMetrics {
  readonly _aws?: {
    readonly CloudWatchMetrics: readonly {
      Namespace: string;
      Dimensions: readonly (readonly string[])[];
      Metrics: readonly { Name: string }[];
    }[];
  };
}

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/** How many additional periods an alarm reads when data points are missing. */
const EXTRA_PERIODS = 2;

/**
 * The alarms of a template, evaluated as CloudWatch documents it: metric filters and embedded metrics become metrics,
 * Contributor Insights rules count lines, metric math combines them, and M of N data points decide. Data that arrives
 * late is not visible earlier. A resource's name is its logical ID, and its attributes are `<logical ID>.<attribute>`.
 *
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html
 */
export class CloudWatch {
  readonly #resources: ReturnType<typeof resourcesOf>;
  readonly #data: Datum[] = [];
  readonly #lines: Line[] = [];
  /** Whether `FILL` creates a series for a metric that never had data, which is not documented. */
  readonly #fillsMetricsWithoutData: boolean;

  constructor(template: Template, { fillsMetricsWithoutData = true } = {}) {
    this.#resources = resourcesOf(template);
    this.#fillsMetricsWithoutData = fillsMetricsWithoutData;
  }

  /** The logical ID of the only resource of this type whose logical ID has this prefix. */
  id(type: string, start: string): string {
    const found = Object.keys(this.#resources).filter(
      (id) => this.#resources[id]?.Type === type && id.startsWith(start),
    );
    const [id] = found;
    if (id === undefined || found.length > 1) throw new Error(`${String(found.length)} of ${type} start with ${start}`);
    return id;
  }

  /** Puts one value of a metric, as an AWS service does. */
  put(
    namespace: string,
    name: string,
    dimensions: Record<string, string>,
    value: number,
    at: number,
    arrives = at,
  ): void {
    this.#data.push({ metric: metricKey(namespace, name, dimensions), value, at, arrives });
  }

  /** Writes a line to a log group. */
  log(logGroup: string, text: string, at: number, arrives = at): void {
    this.#lines.push({ logGroup, text, at, arrives });
    const embedded = parsed(text) as EmbeddedMetrics & Record<string, unknown>;
    for (const { Namespace, Dimensions, Metrics } of embedded._aws?.CloudWatchMetrics ?? [])
      for (const names of Dimensions)
        for (const { Name } of Metrics) {
          const dimensions = Object.fromEntries(names.map((name) => [name, String(embedded[name])]));
          this.put(Namespace, Name, dimensions, Number(embedded[Name]), at, arrives);
        }
    for (const { Type, Properties } of Object.values(this.#resources)) {
      if (Type !== 'AWS::Logs::MetricFilter') continue;
      const filter = resolved(Properties) as Filter;
      if (filter.LogGroupName !== logGroup || !filterPattern(filter.FilterPattern)(text)) continue;
      for (const { MetricNamespace, MetricName, MetricValue } of filter.MetricTransformations)
        this.put(MetricNamespace, MetricName, {}, Number(MetricValue), at, arrives);
    }
  }

  /** The state of an alarm at a time. */
  state(alarmStart: string, now: number): AlarmState {
    const alarm = resolved(
      this.#resources[this.id('AWS::CloudWatch::Alarm', alarmStart)]?.Properties,
    ) as AlarmProperties;
    const { EvaluationPeriods: periods, DatapointsToAlarm = periods, Threshold, TreatMissingData } = alarm;
    const queries: readonly Query[] = alarm.Metrics ?? [
      {
        Id: 'only',
        MetricStat: {
          Metric: {
            Namespace: alarm.Namespace ?? '',
            MetricName: alarm.MetricName ?? '',
            Dimensions: alarm.Dimensions ?? [],
          },
          Period: alarm.Period ?? 0,
          Stat: alarm.Statistic ?? '',
        },
      },
    ];
    if (queries.filter(({ MetricStat }) => MetricStat).length > 10) throw new Error('an alarm has at most 10 metrics');
    const shown = queries.find(({ ReturnData }) => ReturnData !== false) ?? queries[0];
    const period = 1000 * Math.max(...queries.map(({ Period, MetricStat }) => Period ?? MetricStat?.Period ?? 0));
    if (shown === undefined || period === 0) throw new Error('the alarm has no period');
    const end = Math.floor(now / period) * period;
    // The latest period first. CloudWatch reads two more periods if data is missing.
    const values = Array.from({ length: periods + EXTRA_PERIODS }, (_, index) =>
      this.#value(shown, queries, end - (index + 1) * period, period, now),
    );
    const present = values.filter((value) => value !== undefined);
    if (present.length === 0) return TreatMissingData === 'missing' ? 'INSUFFICIENT_DATA' : 'OK';
    const seen = TreatMissingData === 'missing' ? present.slice(0, periods) : values.slice(0, periods);
    const breaching = seen.filter(
      (value) =>
        value !== undefined &&
        (alarm.ComparisonOperator === 'LessThanThreshold' ? value < Threshold : value >= Threshold),
    );
    return breaching.length >= DatapointsToAlarm ? 'ALARM' : 'OK';
  }

  #value(query: Query, queries: readonly Query[], from: number, period: number, now: number): number | undefined {
    const { MetricStat, Expression = '' } = query;
    if (MetricStat !== undefined) return this.#statistic(MetricStat, from, period, now);
    const rule = /^INSIGHT_RULE_METRIC\('(\w+)\.RuleName', '(\w+)'\)$/.exec(Expression);
    if (rule !== null) return this.#contributions(String(rule[1]), String(rule[2]), from, period, now);
    let sum = 0;
    for (const [, sign, filled, plain] of ` + ${Expression}`.matchAll(/ ([+-]) (?:FILL\((\w+), 0\)|(\w+))/g)) {
      const part = queries.find(({ Id }) => Id === (filled ?? plain));
      if (part?.MetricStat === undefined) throw new Error(`not understood: ${Expression}`);
      let value = this.#value(part, queries, from, period, now);
      if (
        value === undefined &&
        filled !== undefined &&
        (this.#fillsMetricsWithoutData || this.#has(part.MetricStat, now))
      )
        value = 0;
      if (value === undefined) {
        if (filled === undefined) return undefined;
        continue;
      }
      sum += sign === '-' ? -value : value;
    }
    const any = queries.some(({ MetricStat: metric }) => metric !== undefined && this.#has(metric, now));
    return any || this.#fillsMetricsWithoutData ? sum : undefined;
  }

  #has({ Metric }: NonNullable<Query['MetricStat']>, now: number): boolean {
    return this.#data.some(({ metric, arrives }) => metric === keyOf(Metric) && arrives <= now);
  }

  #statistic({ Metric, Stat }: NonNullable<Query['MetricStat']>, from: number, period: number, now: number) {
    const values = this.#data
      .filter(
        ({ metric, at, arrives }) => metric === keyOf(Metric) && at >= from && at < from + period && arrives <= now,
      )
      .map(({ value }) => value);
    if (values.length === 0) return undefined;
    if (Stat === 'Sum') return values.reduce((sum, value) => sum + value, 0);
    if (Stat === 'Maximum') return Math.max(...values);
    throw new Error(`not understood: ${Stat}`);
  }

  #contributions(ruleId: string, figure: string, from: number, period: number, now: number): number | undefined {
    const { RuleBody } = resolved(this.#resources[ruleId]?.Properties) as { RuleBody: string };
    const { LogGroupNames, Contribution } = JSON.parse(RuleBody) as RuleBody;
    const counts = new Map<string, number>();
    for (const { logGroup, text, at, arrives } of this.#lines) {
      if (!LogGroupNames.includes(logGroup) || at < from || at >= from + period || arrives > now) continue;
      const line = parsed(text);
      const field = (path: string) => line[path.slice('$.'.length)];
      const matches = Contribution.Filters.every(({ Match, In, NotIn }) => {
        const value = field(Match);
        return In === undefined ? !NotIn?.includes(String(value)) : In.includes(String(value));
      });
      const key = Contribution.Keys.map(field);
      // A line without the keys contributes to nothing.
      if (!matches || key.includes(undefined)) continue;
      counts.set(key.join(), (counts.get(key.join()) ?? 0) + 1);
    }
    if (counts.size === 0) return undefined;
    return figure === 'Sum' ? [...counts.values()].reduce((sum, one) => sum + one, 0) : Math.max(...counts.values());
  }
}

function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}

function metricKey(namespace: string, name: string, dimensions: Record<string, string>): string {
  return JSON.stringify([
    namespace,
    name,
    Object.entries(dimensions).toSorted(([one], [other]) => (one < other ? -1 : 1)),
  ]);
}

function keyOf({ Namespace, MetricName, Dimensions = [] }: NonNullable<Query['MetricStat']>['Metric']): string {
  return metricKey(Namespace, MetricName, Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, Value])));
}

/** A value of a template with its intrinsic functions evaluated. */
function resolved(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(resolved);
  if (typeof value !== 'object' || value === null) return value;
  const { Ref, 'Fn::GetAtt': attribute, 'Fn::Join': join } = value as Record<string, unknown>;
  if (typeof Ref === 'string') return Ref;
  if (Array.isArray(attribute)) return attribute.join('.');
  if (Array.isArray(join)) {
    const [separator, parts] = join as [string, unknown[]];
    return parts.map((part) => String(resolved(part))).join(separator);
  }
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, resolved(one)]));
}
