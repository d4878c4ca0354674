import { Duration } from 'aws-cdk-lib';
import { EventBus, Rule, Schedule, type IEventBus } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { FilterCriteria, FilterRule, type IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import {
  DEFAULT_EVENT_SETTINGS,
  EVENT_BUS_VARIABLE,
  toEnvironment,
  UNPUBLISHED_QUEUE_VARIABLE,
  type EventSettings,
} from '../src/gateway/settings.ts';
import { BY_EXPIRY, expiryPositionKey } from '../src/storage/table.ts';
import type { IApiKeys } from './i-api-keys.ts';
import { onChanges } from './key-stream.ts';
import { LatchkeyFunction } from './latchkey-function.ts';
import type { RateLimits } from './rate-limits.ts';
import { statementsFor } from './table-access.ts';
import { unhandled } from './unhandled.ts';

/** Properties of {@link KeyEvents}. */
export interface KeyEventsProps {
  /** The keys whose events are published. */
  readonly keys: IApiKeys;
  /**
   * The counters of the rate limiter, to publish an event when a key reaches a limit.
   *
   * @default no events about limits
   */
  readonly limits?: RateLimits;
  /**
   * The event bus that receives the events.
   *
   * @default the account's default event bus
   */
  readonly eventBus?: IEventBus;
  /**
   * How long before a key expires a notice is published: up to five different values from 1 to 365 whole days.
   *
   * @default [Duration.days(7), Duration.days(1)]
   */
  readonly expiryNotices?: readonly Duration[];
}

/** How often expiries are looked up. An event is at most this late, plus the minute in which its index is updated. */
const ANNOUNCE_INTERVAL = Duration.minutes(5);

/**
 * Publishes events about keys to Amazon EventBridge, at least once each: created, updated, rotated, revoked, expiring, expired,
 * deleted, limit reached. See docs/events.md.
 *
 * Create one for each label, in the Region where its keys are written.
 *
 * @throws {Error} if `expiryNotices` is not valid, or the table has no stream
 * @example
 * new KeyEvents(this, 'Events', { keys, limits });
 * new Rule(this, 'Mail', {
 *   eventPattern: { source: ['latchkey'], detailType: ['API Key Expiring'] },
 *   targets: [new LambdaFunction(mailTheOwner)],
 * });
 */
export class KeyEvents extends Construct {
  /** The function that publishes changes from the streams of the tables. */
  readonly publisher: IFunction;
  /** The scheduled function that publishes which keys have expired or will expire soon. */
  readonly announcer: IFunction;
  /**
   * Receives events that EventBridge rejects, and the stream positions of changes that could not be published within 22 hours:
   * docs/events.md. Set an alarm on its messages; `Monitoring` has one.
   */
  readonly unpublished: IQueue;

  constructor(scope: Construct, id: string, props: KeyEventsProps) {
    super(scope, id);
    const { keys, limits, eventBus = EventBus.fromEventBusName(this, 'DefaultBus', 'default') } = props;
    const { table, label } = keys;
    const unpublished = unhandled(this, 'Unpublished');
    const settings: EventSettings = { ...DEFAULT_EVENT_SETTINGS, label, expiryNoticeDays: noticeDaysOf(props) };
    const environment = {
      ...toEnvironment(table.tableName, settings),
      [EVENT_BUS_VARIABLE]: eventBus.eventBusName,
      [UNPUBLISHED_QUEUE_VARIABLE]: unpublished.queueUrl,
    };
    const publishing = [
      new PolicyStatement({ actions: ['events:PutEvents'], resources: [eventBus.eventBusArn] }),
      new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [unpublished.queueArn] }),
    ];

    const publisher = new LatchkeyFunction(this, 'Publisher', {
      ...keys.functionOptions,
      entry: 'publish-events',
      description: 'Publishes events about changes of API keys',
      timeout: Duration.minutes(1),
      environment,
      statements: [...publishing, ...statementsFor(table, { read: ['GetItem'] })],
    }).function;
    onChanges(publisher, 'KeyChanges', table, unpublished);
    if (limits !== undefined) {
      // Every request writes to this table. The filter passes on only the items about reached limits.
      const notes = FilterCriteria.filter({ dynamodb: { NewImage: { limit: { S: FilterRule.exists() } } } });
      onChanges(publisher, 'LimitNotes', limits.table, unpublished, { filters: [notes] });
    }

    const announcer = new LatchkeyFunction(this, 'Announcer', {
      ...keys.functionOptions,
      entry: 'announce-expiries',
      description: 'Publishes events about API keys that expire',
      // Shorter than the interval of the schedule, so that two runs don't overlap.
      timeout: Duration.minutes(4),
      environment,
      statements: [
        ...publishing,
        ...statementsFor(table, {
          read: ['BatchGetItem'],
          queryIndexes: [BY_EXPIRY],
          // The item that records its progress. It can't write keys.
          ownItem: expiryPositionKey(label),
        }),
      ],
    }).function;
    // The next run continues where this one stopped, so neither Lambda nor EventBridge retries a run.
    announcer.configureAsyncInvoke({ retryAttempts: 0 });
    new Rule(this, 'LookOut', {
      description: 'Starts the lookup of API keys that expire',
      schedule: Schedule.rate(ANNOUNCE_INTERVAL),
      targets: [new LambdaFunction(announcer, { retryAttempts: 0 })],
    });

    this.publisher = publisher;
    this.announcer = announcer;
    this.unpublished = unpublished;
  }
}

function noticeDaysOf({ expiryNotices }: KeyEventsProps): readonly number[] {
  if (expiryNotices === undefined) return DEFAULT_EVENT_SETTINGS.expiryNoticeDays;
  const seconds = expiryNotices.map((notice) => notice.toSeconds());
  const wrong = seconds.find((one) => one % 86_400 !== 0 || one < 86_400 || one > 365 * 86_400);
  if (wrong !== undefined || seconds.length > 5 || new Set(seconds).size < seconds.length)
    throw new Error('expiryNotices is not valid. Use at most 5 different durations of 1 to 365 whole days.');
  return seconds.map((one) => one / 86_400);
}
