import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, Billing, StreamViewType, TableEncryptionV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { LIMITS_KEY_ATTRIBUTE, LIMITS_TABLE_VARIABLE, LIMITS_TTL_ATTRIBUTE } from '../src/rate-limit/limits-table.ts';
import { acknowledge } from './acknowledge.ts';

/**
 * The counters of Latchkey's own limiter. A table apart from the keys': the functions that count here can neither
 * read nor write a key, and what is lost with it is at most a window's counts.
 *
 * @example
 * const limits = new RateLimits(this, 'Limits');
 * limits.attachTo(orders); // whose handler uses the middleware rateLimit()
 */
export class RateLimits extends Construct {
  readonly table: TableV2;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.table = new TableV2(this, 'Table', {
      partitionKey: { name: LIMITS_KEY_ATTRIBUTE, type: AttributeType.STRING },
      timeToLiveAttribute: LIMITS_TTL_ATTRIBUTE,
      // Costs nothing until KeyEvents reads it.
      dynamoStream: StreamViewType.NEW_IMAGE,
      billing: Billing.onDemand(),
      // Every request writes here: a customer's KMS key would be asked, and paid, for it.
      encryption: TableEncryptionV2.dynamoOwnedKey(),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    acknowledge(this.table, {
      id: 'AwsSolutions-DDB3',
      reason: 'Counters of the current minute and month; restored ones would be wrong.',
    });
  }

  /** Lets a function count: `rateLimit()` in it finds the table, and may update its items. */
  attachTo(counter: Function): void {
    counter.addEnvironment(LIMITS_TABLE_VARIABLE, this.table.tableName);
    counter.addToRolePolicy(
      new PolicyStatement({ actions: ['dynamodb:UpdateItem'], resources: [this.table.tableArn] }),
    );
  }
}
