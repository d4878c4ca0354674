import { CfnOutput, Duration, Names, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AccessLogFormat, LogGroupLogDestination, type StageOptions } from 'aws-cdk-lib/aws-apigateway';
import {
  LogGroupLogDestination as HttpLogGroupLogDestination,
  type IAccessLogSettings,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { Alarm, ComparisonOperator, Metric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { AttributeType, Billing, TableEncryptionV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { FilterPattern, LogGroup, RetentionDays, type ILogGroup } from 'aws-cdk-lib/aws-logs';
import { LambdaDestination } from 'aws-cdk-lib/aws-logs-destinations';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { HTTP_ACCESS_LOG, REST_ACCESS_LOG } from '../src/gateway/access-log.ts';
import { DEFAULT_MANAGEMENT_SETTINGS, toEnvironment } from '../src/gateway/settings.ts';
import { functionOutput, OPERATIONS } from '../src/management/operations.ts';
import {
  USAGE_KEY_ATTRIBUTE,
  USAGE_SORT_ATTRIBUTE,
  USAGE_TABLE_VARIABLE,
  USAGE_TTL_ATTRIBUTE,
} from '../src/usage/usage-table.ts';
import { UNREADABLE_METRIC } from '../src/usage/report.ts';
import type { ApiKeys } from './api-keys.ts';
import { httpAlias } from './http-alias.ts';
import { LatchkeyFunction } from './latchkey-function.ts';
import { statementsFor } from './table-access.ts';
import { unhandled } from './unhandled.ts';
import { vendedLogGroup } from './vended-log-group.ts';

export interface UsageProps {
  /** Of several kinds on one API, the one that {@link Usage.function} is for. All are counted. */
  readonly keys: ApiKeys;
  /**
   * How long the access logs are kept. What has been counted is kept for 400 days.
   *
   * @default RetentionDays.ONE_MONTH
   */
  readonly logRetention?: RetentionDays;
}

/**
 * Counts what each key is used for, from the access logs of the APIs: also the requests that the authorizer never
 * hears of, because API Gateway has its answer cached.
 *
 * @example
 * const usage = new Usage(this, 'Usage', { keys });
 * new LambdaRestApi(this, 'Rest', { handler, deployOptions: usage.restAccessLog() });
 * new HttpStage(this, 'Stage', { httpApi, accessLogSettings: usage.httpAccessLog() });
 * new AdminApi(this, 'Admin', { keys, usage }); // adds GET /keys/{prefix}/usage
 */
export class Usage extends Construct {
  readonly table: TableV2;
  /**
   * Tells what a key was used for: invoke it with `{ "prefix": "…" }`, or through an {@link AdminApi}. Of another kind of
   * key it knows none: {@link functionFor} makes one that does.
   */
  readonly function: IFunction;
  /** Counts the lines of the access logs. */
  readonly aggregator: IFunction;
  /**
   * The batches of lines that could not be counted, each whole. Set an alarm on its messages; how to have them counted:
   * docs/operations.md.
   */
  readonly uncounted: IQueue;
  /**
   * Fires if the access logs have lines that can't be read as requests, and so aren't counted: a stage whose log has another
   * format, or a value that breaks the line. It has no action: add one with `addAlarmAction()`.
   */
  readonly unreadableAlarm: Alarm;

  readonly #logRetention: RetentionDays;
  readonly #accessLogs: LogGroup[] = [];
  /** What tells of the keys of each kind. */
  readonly #functions = new Map<ApiKeys, IFunction>();

  constructor(scope: Construct, id: string, { keys, logRetention = RetentionDays.ONE_MONTH }: UsageProps) {
    super(scope, id);
    this.#logRetention = logRetention;
    this.table = new TableV2(this, 'Table', {
      partitionKey: { name: USAGE_KEY_ATTRIBUTE, type: AttributeType.STRING },
      sortKey: { name: USAGE_SORT_ATTRIBUTE, type: AttributeType.STRING },
      timeToLiveAttribute: USAGE_TTL_ATTRIBUTE,
      billing: Billing.onDemand(),
      encryption: TableEncryptionV2.awsManagedKey(),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.aggregator = new LatchkeyFunction(this, 'Aggregator', {
      ...keys.functionOptions,
      entry: 'aggregate-usage',
      description: 'Counts what API keys are used for',
      timeout: Duration.minutes(5),
      environment: { [USAGE_TABLE_VARIABLE]: this.table.tableName },
      statements: [
        new PolicyStatement({
          actions: ['dynamodb:BatchGetItem', 'dynamodb:UpdateItem'],
          resources: [this.table.tableArn],
        }),
      ],
    }).function;
    this.uncounted = unhandled(this, 'Uncounted');
    // Lambda's own figures, which last for some minutes of an outage; then it would drop the batch, and say nothing.
    this.aggregator.configureAsyncInvoke({
      retryAttempts: 2,
      maxEventAge: Duration.hours(6),
      onFailure: new SqsDestination(this.uncounted),
    });
    this.unreadableAlarm = new Alarm(this, 'UnreadableLines', {
      metric: this.metricUnreadable(),
      threshold: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      // Lines are counted by when they are read, and metrics can arrive late.
      evaluationPeriods: 3,
      datapointsToAlarm: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
      alarmDescription:
        'Access log lines could not be read, and were not counted. The log of the aggregator has their ids: docs/operations.md.',
    });
    this.function = this.#functionFor('Get', keys);
  }

  /** How many access log lines could not be read in five minutes. There is no data as long as every line can be read. */
  metricUnreadable(): Metric {
    return new Metric({
      namespace: UNREADABLE_METRIC.namespace,
      metricName: UNREADABLE_METRIC.name,
      dimensionsMap: { [UNREADABLE_METRIC.dimension]: this.aggregator.functionName },
      statistic: Stats.SUM,
      period: Duration.minutes(5),
    });
  }

  /**
   * As {@link function}, for another kind of key that the same API takes: a stage has one access log, and so one `Usage`
   * for all kinds of key on it. Made on the first call.
   */
  functionFor(keys: ApiKeys): IFunction {
    return this.#functions.get(keys) ?? this.#functionFor(`Get-${Names.nodeUniqueId(keys.node)}`, keys);
  }

  /**
   * {@link functionFor}, to be integrated with a route of an API of your own: `GET /keys/{prefix}/usage`. See
   * {@link ApiKeys.httpFunction}.
   */
  httpFunctionFor(keys: ApiKeys): IFunction {
    return httpAlias(this.functionFor(keys));
  }

  #functionFor(id: string, keys: ApiKeys): IFunction {
    const get = new LatchkeyFunction(this, id, {
      ...keys.functionOptions,
      entry: OPERATIONS.usage.entry,
      description: OPERATIONS.usage.description,
      timeout: Duration.seconds(29),
      environment: {
        ...toEnvironment(keys.table.tableName, { ...DEFAULT_MANAGEMENT_SETTINGS, label: keys.label }),
        [USAGE_TABLE_VARIABLE]: this.table.tableName,
      },
      statements: [
        ...statementsFor(keys.table, OPERATIONS.usage.access),
        new PolicyStatement({ actions: ['dynamodb:Query'], resources: [this.table.tableArn] }),
      ],
    }).function;
    this.#functions.set(keys, get);
    return get;
  }

  /** The access logs that have been made so far: those of stages can come later. */
  get accessLogs(): readonly ILogGroup[] {
    return this.#accessLogs;
  }

  /** Puts out of the stack what the command line finds it by. */
  addOutputs(): void {
    new CfnOutput(Stack.of(this), functionOutput('usage'), { value: this.function.functionName });
  }

  /**
   * The access log of one stage of a REST API, and what counts it. API Gateway needs the account's
   * {@link ApiGatewayLogRole} for it.
   *
   * @param id names it: a second stage takes another
   */
  restAccessLog(id = 'RestAccessLog'): Pick<StageOptions, 'accessLogDestination' | 'accessLogFormat'> {
    return {
      accessLogDestination: new LogGroupLogDestination(
        this.#counted(new LogGroup(this, id, { retention: this.#logRetention })),
      ),
      accessLogFormat: AccessLogFormat.custom(JSON.stringify(REST_ACCESS_LOG)),
    };
  }

  /** The access log of one stage of an HTTP API, and what counts it. */
  httpAccessLog(id = 'HttpAccessLog'): IAccessLogSettings {
    return {
      destination: new HttpLogGroupLogDestination(this.#counted(vendedLogGroup(this, id, this.#logRetention))),
      format: AccessLogFormat.custom(JSON.stringify(HTTP_ACCESS_LOG)),
    };
  }

  #counted(log: LogGroup): LogGroup {
    log.addSubscriptionFilter('Usage', {
      destination: new LambdaDestination(this.aggregator),
      // Not only the lines with a key: a JSON filter drops a line that isn't JSON, and then nothing would report it.
      filterPattern: FilterPattern.allEvents(),
    });
    this.#accessLogs.push(log);
    return log;
  }
}
