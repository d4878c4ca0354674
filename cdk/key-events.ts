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
import type { ApiKeys } from './api-keys.ts';
import { onChanges } from './key-stream.ts';
import { LatchkeyFunction } from './latchkey-function.ts';
import type { RateLimits } from './rate-limits.ts';
import { statementsFor } from './table-access.ts';
import { unhandled } from './unhandled.ts';

export interface KeyEventsProps {
  readonly keys: ApiKeys;
  /**
   * The counters, if it is to be told when a limit is reached.
   *
   * @default limits are not told of
   */
  readonly limits?: RateLimits;
  /** @default the account's default bus */
  readonly eventBus?: IEventBus;
  /**
   * How long before a key's end it is told that it will expire: whole days up to a year, at most five of them.
   *
   * @default [Duration.days(7), Duration.days(1)]
   */
  readonly expiryNotices?: readonly Duration[];
}

/** How late an expiry can be told, beside the minute that its index is given to settle. */
const LOOK_OUT_EVERY = Duration.minutes(5);

/**
 * Tells on EventBridge, at least once, what happens to keys: created, updated, rotated, revoked, expiring, expired,
 * deleted, limit reached. See docs/events.md.
 *
 * One for a label is enough: in the Region where its keys are written.
 *
 * @throws {Error} if a notice is not what it should be, or the table has no stream
 * @example
 * new KeyEvents(this, 'Events', { keys, limits });
 * new Rule(this, 'Mail', {
 *   eventPattern: { source: ['latchkey'], detailType: ['API Key Expiring'] },
 *   targets: [new LambdaFunction(mailTheOwner)],
 * });
 */
export class KeyEvents extends Construct {
  /** Publishes from the streams. */
  readonly publisher: IFunction;
  /** Looks out for keys that have ended or will soon. */
  readonly announcer: IFunction;
  /**
   * Holds events that EventBridge rejects, and says where in a stream the changes are that could not be published within
   * 22 hours: docs/events.md. Set an alarm on its messages; `Monitoring` has one.
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
      description: 'Publishes what happens to API keys',
      timeout: Duration.minutes(1),
      environment,
      statements: [...publishing, ...statementsFor(table, { read: ['GetItem'] })],
    }).function;
    onChanges(publisher, 'KeyChanges', table, unpublished);
    if (limits !== undefined) {
      // Every request writes to this table. Only the notes are handed on.
      const notes = FilterCriteria.filter({ dynamodb: { NewImage: { limit: { S: FilterRule.exists() } } } });
      onChanges(publisher, 'LimitNotes', limits.table, unpublished, { filters: [notes] });
    }

    const announcer = new LatchkeyFunction(this, 'Announcer', {
      ...keys.functionOptions,
      entry: 'announce-expiries',
      description: 'Publishes which API keys have expired or will soon',
      // Shorter than from one call to the next, so that they do not overlap.
      timeout: Duration.minutes(4),
      environment,
      statements: [
        ...publishing,
        ...statementsFor(table, {
          read: ['BatchGetItem'],
          queryIndexes: [BY_EXPIRY],
          // How far it has come. Of keys it can write none.
          ownItem: expiryPositionKey(label),
        }),
      ],
    }).function;
    // What a call does not do the next does: neither Lambda nor EventBridge is to try again.
    announcer.configureAsyncInvoke({ retryAttempts: 0 });
    new Rule(this, 'LookOut', {
      description: 'Looks out for API keys that expire',
      schedule: Schedule.rate(LOOK_OUT_EVERY),
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
    throw new Error('expiryNotices are not what they can be; accepted: at most 5 different whole days from 1 to 365');
  return seconds.map((one) => one / 86_400);
}
