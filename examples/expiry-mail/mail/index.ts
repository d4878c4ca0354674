import { SendEmailCommand, SESv2Client } from '@aws-sdk/client-sesv2';
import type { EventBridgeEvent } from 'aws-lambda';
import type { KeyEventDetails } from 'latchkey';

const ses = new SESv2Client();

type Expiring = EventBridgeEvent<'API Key Expiring', KeyEventDetails['API Key Expiring']>;

/**
 * An event can come twice, and then two mails go out. If that matters, remember `detail.metadata.eventId`: for example
 * with the idempotency of Powertools for AWS Lambda.
 */
export const handler = async ({ detail }: Expiring): Promise<void> => {
  const { key, expiresAt } = detail.data;
  // The time itself: after an outage fewer days are left than `noticeDays`.
  const end = `${expiresAt.slice(0, 10)} at ${expiresAt.slice(11, 16)} UTC`;
  const text = `Your API key "${key.name}" (${key.keyId}) expires on ${end}.
Ask us for a new one before; the old one will be refused from then on.`;
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
