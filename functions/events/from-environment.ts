import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { eventBusName } from '../domain/settings.ts';
import { createPublisher, type Publish } from './publisher.ts';

/**
 * Publishes to the bus that the environment names.
 *
 * @throws {Error} if the variable is missing
 */
export function publisherFromEnvironment(environment: NodeJS.ProcessEnv): Publish {
  const requestHandler = { connectionTimeout: 1000, requestTimeout: 5000, throwOnRequestTimeout: true };
  return createPublisher(new EventBridgeClient({ maxAttempts: 3, requestHandler }), eventBusName(environment));
}
