import { Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Table } from 'aws-cdk-lib/aws-dynamodb';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { describe, expect, it } from 'vitest';
import { ApiKeys } from '../../../cdk/api-keys.ts';
import { KeyEvents, type KeyEventsProps } from '../../../cdk/key-events.ts';
import { RateLimits } from '../../../cdk/rate-limits.ts';
import { permissionsOf } from './permissions.ts';
import { only, testApp } from '../../support/cdk/synth.ts';

function template(props: (stack: Stack) => Partial<KeyEventsProps> = () => ({})) {
  const stack = new Stack(testApp(), 'Stack');
  const keys = new ApiKeys(stack, 'Keys', { label: 'acme_live' });
  new KeyEvents(stack, 'Events', { keys, ...props(stack) });
  return Template.fromStack(stack);
}
const delivery = {
  FunctionResponseTypes: ['ReportBatchItemFailures'],
  BisectBatchOnFunctionError: true,
  // Two hours less than the retention period of the stream.
  MaximumRecordAgeInSeconds: 79_200,
  StartingPosition: 'TRIM_HORIZON',
  DestinationConfig: { OnFailure: { Destination: Match.anyValue() } },
};

describe('KeyEvents', () => {
  it('publishes the stream of the keys table to the default bus, and retries until a change is nearly a day old', () => {
    const made = template();
    made.resourceCountIs('AWS::Lambda::EventSourceMapping', 1);
    made.hasResourceProperties('AWS::Lambda::EventSourceMapping', delivery);
    made.hasResourceProperties('AWS::Lambda::Function', {
      Environment: {
        Variables: {
          LATCHKEY_EVENT_BUS: 'default',
          LATCHKEY_SETTINGS: Match.serializedJson(Match.objectLike({ label: 'acme_live', expiryNoticeDays: [7, 1] })),
        },
      },
    });
  });

  it('looks up expiries every five minutes, and does not retry a failed run', () => {
    const made = template();
    made.hasResourceProperties('AWS::Events::Rule', {
      ScheduleExpression: 'rate(5 minutes)',
      State: 'ENABLED',
      Targets: [Match.objectLike({ RetryPolicy: { MaximumRetryAttempts: 0 } })],
    });
    made.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
      FunctionName: { Ref: Match.stringLikeRegexp('^EventsAnnouncer') },
      MaximumRetryAttempts: 0,
    });
  });

  it('reads only the items about reached limits from the table of the counters', () => {
    const made = template((stack) => ({ limits: new RateLimits(stack, 'Limits') }));
    made.resourceCountIs('AWS::Lambda::EventSourceMapping', 2);
    made.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      ...delivery,
      FilterCriteria: { Filters: [{ Pattern: '{"dynamodb":{"NewImage":{"limit":{"S":[{"exists":true}]}}}}' }] },
    });
    made.hasResourceProperties('AWS::DynamoDB::GlobalTable', {
      StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
    });
  });

  it('publishes to a custom bus, with permission for that bus only', () => {
    const made = template((stack) => ({ eventBus: new EventBus(stack, 'Bus') }));
    const roles = permissionsOf(made);
    for (const role of ['EventsPublisherRole', 'EventsAnnouncerRole'])
      expect(roles[role]?.filter(({ actions }) => actions.includes('events:PutEvents'))).toEqual([
        { actions: ['events:PutEvents'], resources: ['[Bus.Arn]'] },
      ]);
  });

  it('publishes notices at the times of expiryNotices, and rejects other durations', () => {
    const noticeDays = (...expiryNotices: Duration[]) => {
      const { Environment } = only(
        template(() => ({ expiryNotices })),
        'AWS::Lambda::Function',
        'EventsAnnouncer',
      );
      const { Variables } = Environment as { Variables: { LATCHKEY_SETTINGS: string } };
      return (JSON.parse(Variables.LATCHKEY_SETTINGS) as { expiryNoticeDays: number[] }).expiryNoticeDays;
    };
    expect(noticeDays(Duration.days(30), Duration.hours(48))).toEqual([30, 2]);
    expect(noticeDays()).toEqual([]);
    for (const wrong of [
      [Duration.hours(36)],
      [Duration.days(0)],
      [Duration.days(366)],
      [Duration.days(7), Duration.days(7)],
    ])
      expect(() => noticeDays(...wrong)).toThrow('1 to 365 whole days');
  });

  it('rejects a table without a stream', () => {
    const stack = new Stack(testApp(), 'Stack');
    const keys = new ApiKeys(stack, 'Keys', { table: Table.fromTableName(stack, 'Shared', 'shared-keys') });
    expect(() => new KeyEvents(stack, 'Events', { keys })).toThrow('a stream of NEW_AND_OLD_IMAGES');
  });
});
