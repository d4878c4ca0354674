import { Duration } from 'aws-cdk-lib';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';

/** Creates a dead-letter queue with the longest retention that SQS supports, so that an operator has time to respond. */
export function unhandled(scope: Construct, id: string): Queue {
  const queue = new Queue(scope, id, {
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
  });
  acknowledge(queue, {
    id: 'AwsSolutions-SQS3',
    reason: 'It is a dead-letter queue itself, of a function or its event source mappings.',
  });
  return queue;
}
