import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SQSClient } from '@aws-sdk/client-sqs';
import { eventBusName, unpublishedQueueUrl } from '../gateway/settings.ts';
import { CompleteResponseHandler } from '../storage/complete-response-handler.ts';
import { createPublisher, type Publish } from './publisher.ts';
import { setAsideIn, type SetAside } from './set-aside.ts';

/**
 * Publishes to the bus that the environment names, and sets aside in its queue.
 *
 * @throws {Error} if a variable is missing
 */
export function publisherFromEnvironment(environment: NodeJS.ProcessEnv): { publish: Publish; setAside: SetAside } {
  // All attempts at an event end within the minute that each function here has at least.
  const requestHandler = new CompleteResponseHandler({ connect: 1000, begin: 5000, whole: 5500 });
  const setAside = setAsideIn(new SQSClient({ maxAttempts: 3, requestHandler }), unpublishedQueueUrl(environment));
  const client = new EventBridgeClient({ maxAttempts: 3, requestHandler });
  return { publish: createPublisher(client, eventBusName(environment), setAside), setAside };
}
