import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { logger } from '../logging/logger.ts';

/** The code of what can't be read, or read only in a form that the event schema does not allow. */
export const DAMAGED_ITEM = 'DamagedItem';

/** What could not be published, for an operator to look at. */
interface Unpublishable {
  /** EventBridge's error code, or {@link DAMAGED_ITEM}. */
  readonly code: string;
  /** The key's public prefix. */
  readonly keyId: string;
  /** The event, as an entry of `PutEvents`. */
  readonly entry?: object;
}

/** Keeps one thing that could not be published in a queue, so that it does not hold up the others. Rejects if it can't. */
export type SetAside = (unpublishable: Unpublishable) => Promise<void>;

/** Sets aside in an SQS queue. The alarm `Unpublished` watches it. */
export function setAsideIn(client: SQSClient, queueUrl: string): SetAside {
  return async (unpublishable) => {
    const { code, keyId } = unpublishable;
    logger.error('event set aside', { keyId, error: code });
    await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify(unpublishable) }));
  };
}
