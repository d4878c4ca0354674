import { Duration, Stack } from 'aws-cdk-lib';
import {
  ApiKeySourceType,
  CfnRestApi,
  Period,
  UsagePlan,
  type Stage,
  type ThrottleSettings,
  type QuotaSettings,
} from 'aws-cdk-lib/aws-apigateway';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { parseLimits, type Limits, type QuotaPeriod } from '../src/core/limits/limits.ts';
import { DEFAULT_MANAGEMENT_SETTINGS, toEnvironment, USAGE_PLANS_VARIABLE } from '../src/gateway/settings.ts';
import { acknowledge } from './acknowledge.ts';
import type { ApiKeys } from './api-keys.ts';
import { onChanges } from './key-stream.ts';
import { LatchkeyFunction } from './latchkey-function.ts';
import { statementsFor } from './table-access.ts';
import { unhandled } from './unhandled.ts';

export interface UsagePlansProps {
  /** Made with `plans`, and `usagePlans: true`. */
  readonly keys: ApiKeys;
  /**
   * Stages of REST APIs made with `apiKeySourceType: ApiKeySourceType.AUTHORIZER`. Their methods that are to be
   * limited need `apiKeyRequired: true`.
   */
  readonly stages: readonly Stage[];
}

/**
 * How often a change that cannot be carried out is tried again. One that never will be, because the account has all the
 * API Gateway keys it can have, is refused at once; with a full batch to look through each time, at ten calls a second, it
 * holds up its shard for some minutes and not for a day. A call that meets throttling or an outage waits by itself, for three
 * quarters of a minute on average, each time: only what lasts for eight minutes and more is too long.
 */
const TRIED_AGAIN = 10;

const PERIODS: Record<QuotaPeriod, Period> = { day: Period.DAY, week: Period.WEEK, month: Period.MONTH };

/**
 * The plans of {@link ApiKeys} as usage plans of API Gateway, which then throttles by itself, with 429; and a
 * function that keeps an API Gateway key on the right one for each key that has a plan.
 *
 * @throws {Error} if the keys were not made for it, or an API takes keys from headers
 * @example
 * const keys = new ApiKeys(this, 'Keys', { usagePlans: true, plans: { free: { rate: '10/s', quota: '10000/month' } } });
 * const api = new LambdaRestApi(this, 'Api', {
 *   handler,
 *   apiKeySourceType: ApiKeySourceType.AUTHORIZER,
 *   defaultMethodOptions: { authorizer: keys.restAuthorizer(), apiKeyRequired: true },
 * });
 * new UsagePlans(this, 'UsagePlans', { keys, stages: [api.deploymentStage] });
 */
export class UsagePlans extends Construct {
  readonly usagePlans: Readonly<Record<string, UsagePlan>>;
  /**
   * Says where in the stream the changes are that API Gateway would not take: docs/limits.md. Set an alarm on its messages.
   */
  readonly notInStep: IQueue;

  constructor(scope: Construct, id: string, { keys, stages }: UsagePlansProps) {
    super(scope, id);
    if (!keys.usagePlans)
      throw new Error('keys were made without usagePlans: true, so nobody tells API Gateway whose a request is');
    if (Object.keys(keys.plans).length === 0) throw new Error('keys were made without plans');
    for (const { restApi } of stages) {
      const api = restApi.node.defaultChild;
      if (api instanceof CfnRestApi && api.apiKeySourceType !== ApiKeySourceType.AUTHORIZER)
        throw new Error(
          `the API ${restApi.node.path} must have apiKeySourceType: ApiKeySourceType.AUTHORIZER, or it would take the identifiers of usage plans from its callers`,
        );
    }
    this.usagePlans = Object.fromEntries(
      Object.entries(keys.plans).map(([name, limits]) => [
        name,
        new UsagePlan(this, `Plan-${name}`, {
          description: `Latchkey keys "${keys.label}" on the plan "${name}"`,
          ...settingsOf(name, limits),
          apiStages: stages.map((stage) => ({ api: stage.restApi, stage })),
        }),
      ]),
    );
    const ids = Object.entries(this.usagePlans).map(([name, { usagePlanId }]) => [name, usagePlanId] as const);
    const gateway = `arn:${Stack.of(this).partition}:apigateway:${Stack.of(this).region}::`;
    const sync = new LatchkeyFunction(this, 'Sync', {
      ...keys.functionOptions,
      entry: 'sync-usage-plan',
      description: 'Keeps the API Gateway keys of usage plans in step',
      // A batch that is throttled all along is not to be cut short: it would be looked through again from its beginning.
      timeout: Duration.minutes(15),
      environment: {
        ...toEnvironment(keys.table.tableName, { ...DEFAULT_MANAGEMENT_SETTINGS, label: keys.label }),
        [USAGE_PLANS_VARIABLE]: Stack.of(this).toJsonString(Object.fromEntries(ids)),
      },
      statements: [
        ...statementsFor(keys.table, { read: ['GetItem'] }),
        new PolicyStatement({ actions: ['apigateway:GET', 'apigateway:POST'], resources: [`${gateway}/apikeys`] }),
        new PolicyStatement({ actions: ['apigateway:DELETE'], resources: [`${gateway}/apikeys/*`] }),
        new PolicyStatement({ actions: ['apigateway:GET'], resources: [`${gateway}/usageplans`] }),
        new PolicyStatement({
          actions: ['apigateway:POST'],
          resources: ids.map(([, planId]) => `${gateway}/usageplans/${planId}/keys`),
        }),
        new PolicyStatement({
          actions: ['apigateway:DELETE'],
          resources: ids.map(([, planId]) => `${gateway}/usageplans/${planId}/keys/*`),
        }),
      ],
    });
    this.notInStep = unhandled(this, 'NotInStep');
    onChanges(sync.function, 'KeyChanges', keys.table, this.notInStep, { retryAttempts: TRIED_AGAIN });
    acknowledge(sync, {
      id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:apigateway:<AWS::Region>::/apikeys/*]`,
      reason: 'API Gateway gives its keys their ids itself: which ones are ours is known only at run time.',
    });
    for (const plan of Object.values(this.usagePlans)) {
      acknowledge(sync, {
        id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:apigateway:<AWS::Region>::/usageplans/<${Stack.of(this).getLogicalId(plan.node.defaultChild as never)}>/keys/*]`,
        reason: 'The keys on this one usage plan.',
      });
    }
  }
}

/** AWS doesn't document what a usage plan does with a lower rate: it may round it to none at all. */
const MIN_REQUESTS_PER_SECOND = 0.01;

/**
 * The settings of a usage plan. API Gateway counts requests per second, so a slower rate becomes a fraction.
 *
 * @throws {Error} if the rate is too low
 */
function settingsOf(name: string, limits: Limits): { throttle?: ThrottleSettings; quota?: QuotaSettings } {
  const { rate, quota } = parseLimits(limits);
  if (rate !== undefined && rate.requests / rate.periodSeconds < MIN_REQUESTS_PER_SECOND)
    throw new Error(
      `The rate "${String(limits.rate)}" of the plan "${name}" is too low for a usage plan. Use at least 36/h, or a quota such as "24/day".`,
    );
  return {
    ...(rate && { throttle: { rateLimit: rate.requests / rate.periodSeconds, burstLimit: rate.burst } }),
    ...(quota && { quota: { limit: quota.requests, period: PERIODS[quota.period] } }),
  };
}
