import { SendEmailCommand, SESv2Client } from '@aws-sdk/client-sesv2';
import type { EventBridgeEvent } from 'aws-lambda';
import type { KeyEventDetails } from 'latchkey';

const ses = new SESv2Client();

type Expiring = EventBridgeEvent<'API Key Expiring', KeyEventDetails['API Key Expiring']>;

/**
 * Events are delivered at least once, so a contact can receive an email twice. To prevent that, store
 * `detail.metadata.eventId`, for example with the idempotency utility of Powertools for AWS Lambda.
 */
export const handler = async ({ detail }: Expiring): Promise<void> => {
  const { key, expiresAt } = detail.data;
  // The time itself, because after an outage fewer days can be left than `noticeDays`.
  const end = `${expiresAt.slice(0, 10)} at ${expiresAt.slice(11, 16)} UTC`;
  const text = `Your API key "${key.name}" (${key.keyId}) expires on ${end}.
Request a new key before then. After that, requests with this key are rejected.`;
  await ses.send(
    new SendEmailCommand({
      FromEmailAddress: process.env['MAIL_FROM'],
      Destination: { ToAddresses: [String(key.metadata['contact'])] },
      Content: {
        Simple: { Subject: { Data: 'Your API key expires soon' }, Body: { Text: { Data: text } } },
      },
    }),
  );
};
