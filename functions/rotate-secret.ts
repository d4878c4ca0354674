import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { eventBusName } from '../src/gateway/settings.ts';
import { failurePublisher } from '../src/key-secrets/failure-event.ts';
import { keySecretFrom } from '../src/key-secrets/from-environment.ts';
import { rotationHandler } from '../src/key-secrets/rotation-handler.ts';

/** Rotates the key of one secret in AWS Secrets Manager. */
export const handler = rotationHandler({
  ...keySecretFrom(process.env),
  reportFailure: failurePublisher(new EventBridgeClient(), eventBusName(process.env)),
});
