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
import type { IApiKeys } from './i-api-keys.ts';
import { httpAlias } from './http-alias.ts';
import { LatchkeyFunction } from './latchkey-function.ts';
import { statementsFor } from './table-access.ts';
import { unhandled } from './unhandled.ts';
import { vendedLogGroup } from './vended-log-group.ts';

/** Properties of {@link Usage}. */
export interface UsageProps {
  /** The keys that {@link Usage.function} reports on. Other kinds of key on the same API are counted as well. */
  readonly keys: IApiKeys;
  /**
   * How long the access logs are kept. The counts are kept for 400 days.
   *
   * @default RetentionDays.ONE_MONTH
   */
  readonly logRetention?: RetentionDays;
}

/**
 * Counts the requests of each key from the access logs of the APIs. That includes requests that API Gateway authorizes from
 * its cache, without invoking the authorizer.
 *
 * @example
 * const usage = new Usage(this, 'Usage', { keys });
 * new LambdaRestApi(this, 'Rest', { handler, deployOptions: usage.restAccessLog() });
 * new HttpStage(this, 'Stage', { httpApi, accessLogSettings: usage.httpAccessLog() });
 * new AdminApi(this, 'Admin', { keys, usage }); // adds GET /keys/{prefix}/usage
 */
export class Usage extends Construct {
  /** The table that stores the counts. */
  readonly table: TableV2;
  /**
   * Returns the usage of a key: invoke it with `{ "prefix": "…" }`, or through an `AdminApi`. It reports on one kind of key.
   * {@link functionFor} returns a function for another kind.
   */
  readonly function: IFunction;
  /** The function that counts the lines of the access logs. */
  readonly aggregator: IFunction;
  /**
   * Receives the batches of lines that could not be counted. Set an alarm on its messages; `Monitoring` has one.
   * docs/operations.md says how to count them.
   */
  readonly uncounted: IQueue;
  /**
   * Fires if the access logs have lines that can't be read as requests, and so aren't counted: a stage whose log has another
   * format, or a value that breaks the line. It has no action: add one with `addAlarmAction()`.
   */
  readonly unreadableAlarm: Alarm;

  readonly #logRetention: RetentionDays;
  readonly #accessLogs: LogGroup[] = [];
  /** The functions that return usage, by the keys that they report on. */
  readonly #functions = new Map<IApiKeys, IFunction>();

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
      description: 'Counts the requests of API keys from access logs',
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
    // Lambda's defaults. They cover an outage of some minutes. Without the destination, Lambda would then drop the batch.
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
        'Access log lines could not be read and were not counted. The log of the aggregator has their IDs. See docs/operations.md.',
    });
    this.function = this.#functionFor('Get', keys);
  }

  /** The number of access log lines that could not be read in five minutes. It has no data while every line can be read. */
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
   * Returns {@link function} for another kind of key of the same API. A stage has one access log, so one `Usage` counts all
   * kinds of key on it. The first call creates the function.
   */
  functionFor(keys: IApiKeys): IFunction {
    return this.#functions.get(keys) ?? this.#functionFor(`Get-${Names.nodeUniqueId(keys.node)}`, keys);
  }

  /**
   * Returns the function of {@link functionFor} for an integration with the route `GET /keys/{prefix}/usage` of your own API.
   * See `ApiKeys.httpFunction()`.
   */
  httpFunctionFor(keys: IApiKeys): IFunction {
    return httpAlias(this.functionFor(keys));
  }

  #functionFor(id: string, keys: IApiKeys): IFunction {
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

  /** The access logs that exist so far. More can be added for other stages. */
  get accessLogs(): readonly ILogGroup[] {
    return this.#accessLogs;
  }

  /** Adds the stack output that the CLI and the key client use to find the usage function. */
  addOutputs(): void {
    new CfnOutput(Stack.of(this), functionOutput('usage'), {
      value: this.function.functionName,
      description: OPERATIONS.usage.description,
    });
  }

  /**
   * Creates the access log of one stage of a REST API, and counts its requests. API Gateway needs the account's
   * `ApiGatewayLogRole` for it.
   *
   * @param id the construct ID; a second stage needs a different one
   */
  restAccessLog(id = 'RestAccessLog'): Pick<StageOptions, 'accessLogDestination' | 'accessLogFormat'> {
    return {
      accessLogDestination: new LogGroupLogDestination(
        this.#counted(new LogGroup(this, id, { retention: this.#logRetention })),
      ),
      accessLogFormat: AccessLogFormat.custom(JSON.stringify(REST_ACCESS_LOG)),
    };
  }

  /**
   * Creates the access log of one stage of an HTTP API, and counts its requests.
   *
   * @param id the construct ID; a second stage needs a different one
   */
  httpAccessLog(id = 'HttpAccessLog'): IAccessLogSettings {
    return {
      destination: new HttpLogGroupLogDestination(this.#counted(vendedLogGroup(this, id, this.#logRetention))),
      format: AccessLogFormat.custom(JSON.stringify(HTTP_ACCESS_LOG)),
    };
  }

  #counted(log: LogGroup): LogGroup {
    log.addSubscriptionFilter('Usage', {
      destination: new LambdaDestination(this.aggregator),
      // All lines, because a JSON filter would drop a line that isn't JSON, and nothing would report it.
      filterPattern: FilterPattern.allEvents(),
    });
    this.#accessLogs.push(log);
    return log;
  }
}
