import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { EmailIdentity, Identity } from 'aws-cdk-lib/aws-ses';
import { ApiKeys, KeyEvents } from 'latchkey/cdk';

const FROM = process.env['MAIL_FROM'] ?? 'api@acme.example';

/** Sends an email to the contact in a key's metadata a week before the key expires. */
const stack = new Stack(new App(), 'LatchkeyExpiryMailExample');
const keys = new ApiKeys(stack, 'Keys', { label: 'acme_live' });
new KeyEvents(stack, 'Events', { keys });

// SES sends an email with a confirmation link to this address.
const sender = new EmailIdentity(stack, 'Sender', { identity: Identity.email(FROM) });
const mail = new NodejsFunction(stack, 'Mail', {
  entry: 'mail/index.ts',
  runtime: Runtime.NODEJS_24_X,
  environment: { MAIL_FROM: FROM },
  // Bundles the tested version of the SDK instead of using the one in the Lambda runtime.
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
        // Only keys without a successor that have a contact.
        key: { label: [keys.label], replacedBy: [{ exists: false }], metadata: { contact: [{ exists: true }] } },
      },
    },
  },
  targets: [new LambdaFunction(mail)],
});

new CfnOutput(stack, 'CreateFunctionName', { value: keys.functions.create.functionName });
