import { PutEventsCommand, type EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { EVENT_SOURCE } from '../gateway/key-events.ts';
import { logger } from '../logging/logger.ts';

/** The `detail-type` of the event. */
const ROTATION_FAILED = 'API Key Rotation Failed';

/** A rotation that failed or is overdue. */
interface RotationFailure {
  /** The ARN of the secret. */
  readonly secretId: string;
  /** The step that failed, or `check` for the daily check. */
  readonly step: string;
  /** The stable code of the reason. See docs/keys-in-secrets-manager.md. */
  readonly code: string;
}

export type ReportFailure = (failure: RotationFailure) => Promise<void>;

/**
 * Returns a function that publishes failures to EventBridge. It never throws, because an outage of EventBridge must not hide
 * the failure itself.
 */
export function failurePublisher(client: Pick<EventBridgeClient, 'send'>, eventBusName: string): ReportFailure {
  return async (failure) => {
    const Entries = [
      {
        EventBusName: eventBusName,
        Source: EVENT_SOURCE,
        DetailType: ROTATION_FAILED,
        Resources: [failure.secretId],
        Detail: JSON.stringify(failure),
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
