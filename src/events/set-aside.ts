import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { logger } from '../logging/logger.ts';

/** The code of an item that can't be read, or whose event does not conform to the event schema. */
export const DAMAGED_ITEM = 'DamagedItem';

/** An event that could not be published, for an operator to investigate. */
interface Unpublishable {
  /** EventBridge's error code, or {@link DAMAGED_ITEM}. */
  readonly code: string;
  /** The key's public prefix. */
  readonly keyId: string;
  /** The event, as an entry of `PutEvents`. */
  readonly entry?: object;
}

/** Puts an event that could not be published into a queue, so that it does not block the others. Rejects if that fails. */
export type SetAside = (unpublishable: Unpublishable) => Promise<void>;

/** Returns a function that sets events aside in an SQS queue. The alarm `Unpublished` monitors the queue. */
export function setAsideIn(client: SQSClient, queueUrl: string): SetAside {
  return async (unpublishable) => {
    const { code, keyId } = unpublishable;
    logger.error('event set aside', { keyId, error: code });
    await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify(unpublishable) }));
  };
}
