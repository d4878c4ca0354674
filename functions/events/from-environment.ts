import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { eventBusName } from '../domain/settings.ts';
import { WholeAnswerHandler } from '../store/whole-answer-handler.ts';
import { createPublisher, type Publish } from './publisher.ts';

/**
 * Publishes to the bus that the environment names.
 *
 * @throws {Error} if the variable is missing
 */
export function publisherFromEnvironment(environment: NodeJS.ProcessEnv): Publish {
  // An event is given up within the minute that a function here has at least, and comes again with the next call.
  const requestHandler = new WholeAnswerHandler({ connect: 1000, begin: 5000, whole: 5500 });
  return createPublisher(new EventBridgeClient({ maxAttempts: 3, requestHandler }), eventBusName(environment));
}
