import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { EmailIdentity, Identity } from 'aws-cdk-lib/aws-ses';
import { ApiKeys, KeyEvents } from 'latchkey/cdk';

const FROM = process.env['MAIL_FROM'] ?? 'api@acme.example';

/** Mails the contact of a key, which is in its metadata, a week before the key expires. */
const stack = new Stack(new App(), 'LatchkeyExpiryMailExample');
const keys = new ApiKeys(stack, 'Keys', { label: 'acme_live' });
new KeyEvents(stack, 'Events', { keys });

// SES sends a mail to this address, with a link that confirms it.
const sender = new EmailIdentity(stack, 'Sender', { identity: Identity.email(FROM) });
const mail = new NodejsFunction(stack, 'Mail', {
  entry: 'mail/index.ts',
  runtime: Runtime.NODEJS_24_X,
  environment: { MAIL_FROM: FROM },
  // The SDK as it was tested, not the one that Lambda happens to have.
  bundling: { externalModules: [] },
});
sender.grantSendEmail(mail);

new Rule(stack, 'Expiring', {
  eventPattern: {
    source: ['latchkey'],
    detailType: ['API Key Expiring'],
    detail: {
      data: {
        noticeDays: [7],
        // Who has a new key already needs no mail.
        key: { label: [keys.label], replacedBy: [{ exists: false }], metadata: { contact: [{ exists: true }] } },
      },
    },
  },
  targets: [new LambdaFunction(mail)],
});

new CfnOutput(stack, 'CreateFunctionName', { value: keys.functions.create.functionName });
