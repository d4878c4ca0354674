import { PutEventsCommand, type EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { EpochMs } from '../core/keys/record.ts';
import { EVENT_SOURCE, ROTATION_FAILED, rotationFailedDetail, type RotationFailure } from '../gateway/key-events.ts';
import { logger } from '../logging/logger.ts';

export type ReportFailure = (failure: RotationFailure) => Promise<void>;

/**
 * Returns a function that publishes failures to EventBridge. It never throws, because an outage of EventBridge must not hide
 * the failure itself.
 */
export function failurePublisher(
  client: Pick<EventBridgeClient, 'send'>,
  eventBusName: string,
  now: () => EpochMs = Date.now,
): ReportFailure {
  return async (failure) => {
    const Entries = [
      {
        EventBusName: eventBusName,
        Source: EVENT_SOURCE,
        DetailType: ROTATION_FAILED,
        Resources: [failure.secretId],
        Detail: JSON.stringify(rotationFailedDetail(failure, now())),
      },
    ];
    try {
      const { FailedEntryCount = 0, Entries: [result] = [] } = await client.send(new PutEventsCommand({ Entries }));
      if (FailedEntryCount > 0) logger.error('failure not published', { code: result?.ErrorCode });
    } catch (error) {
      logger.error('failure not published', { error: error as Error });
    }
  };
}
