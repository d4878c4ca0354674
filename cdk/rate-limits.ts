import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, Billing, StreamViewType, TableEncryptionV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { LIMITS_KEY_ATTRIBUTE, LIMITS_TABLE_VARIABLE, LIMITS_TTL_ATTRIBUTE } from '../src/rate-limit/limits-table.ts';
import { acknowledge } from './acknowledge.ts';

/**
 * The counters of Latchkey's rate limiter. They are in a separate table, so the functions that count have no access to keys.
 * If the table is lost, at most the counts of the current windows are lost.
 *
 * @example
 * const limits = new RateLimits(this, 'Limits');
 * limits.attachTo(orders); // whose handler uses the middleware rateLimit()
 */
export class RateLimits extends Construct {
  /** The table that stores the counters. */
  readonly table: TableV2;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.table = new TableV2(this, 'Table', {
      partitionKey: { name: LIMITS_KEY_ATTRIBUTE, type: AttributeType.STRING },
      timeToLiveAttribute: LIMITS_TTL_ATTRIBUTE,
      // A stream costs nothing until KeyEvents reads it.
      dynamoStream: StreamViewType.NEW_IMAGE,
      billing: Billing.onDemand(),
      // Every request writes here. Each write would also be a billed request to a customer managed key.
      encryption: TableEncryptionV2.dynamoOwnedKey(),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    acknowledge(this.table, {
      id: 'AwsSolutions-DDB3',
      reason: 'It contains counters of the current minute and month. Restored counters would be wrong.',
    });
  }

  /** Configures a function that uses `rateLimit()`: sets the name of the table, and grants permission to update its items. */
  attachTo(counter: Function): void {
    counter.addEnvironment(LIMITS_TABLE_VARIABLE, this.table.tableName);
    counter.addToRolePolicy(
      new PolicyStatement({ actions: ['dynamodb:UpdateItem'], resources: [this.table.tableArn] }),
    );
  }
}
