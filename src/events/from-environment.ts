import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SQSClient } from '@aws-sdk/client-sqs';
import { eventBusName, unpublishedQueueUrl } from '../gateway/settings.ts';
import { CompleteResponseHandler } from '../storage/complete-response-handler.ts';
import { createPublisher, type Publish } from './publisher.ts';
import { setAsideIn, type SetAside } from './set-aside.ts';

/**
 * Returns functions that publish to the event bus and set aside in the queue, both from the environment.
 *
 * @throws {Error} if a variable is missing
 */
export function publisherFromEnvironment(environment: NodeJS.ProcessEnv): { publish: Publish; setAside: SetAside } {
  // All attempts to publish an event fit into one minute, the shortest timeout of these functions.
  const requestHandler = new CompleteResponseHandler({ connect: 1000, begin: 5000, whole: 5500 });
  const setAside = setAsideIn(new SQSClient({ maxAttempts: 3, requestHandler }), unpublishedQueueUrl(environment));
  const client = new EventBridgeClient({ maxAttempts: 3, requestHandler });
  return { publish: createPublisher(client, eventBusName(environment), setAside), setAside };
}
