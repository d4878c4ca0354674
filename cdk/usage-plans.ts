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
import type { IApiKeys } from './i-api-keys.ts';
import { onChanges } from './key-stream.ts';
import { LatchkeyFunction } from './latchkey-function.ts';
import { statementsFor } from './table-access.ts';
import { unhandled } from './unhandled.ts';

/** Properties of {@link UsagePlans}. */
export interface UsagePlansProps {
  /** The keys. They need `plans`, and `usagePlans: true`. */
  readonly keys: IApiKeys;
  /**
   * The stages that the usage plans apply to, of REST APIs with `apiKeySourceType: ApiKeySourceType.AUTHORIZER`. Methods are
   * limited only with `apiKeyRequired: true`.
   */
  readonly stages: readonly Stage[];
}

/**
 * How often Lambda retries a change that API Gateway rejects. If the account has reached its quota of API Gateway keys, the
 * change never succeeds, and later changes of its shard wait: ten retries, of a batch at ten calls a second, take some minutes
 * and not a day. During throttling or an outage each call also retries by itself, for 45 seconds on average. So only an outage
 * of more than about eight minutes exhausts the retries.
 */
const RETRY_ATTEMPTS = 10;

const PERIODS: Record<QuotaPeriod, Period> = { day: Period.DAY, week: Period.WEEK, month: Period.MONTH };

/**
 * Creates an API Gateway usage plan for each of the keys' plans, and a function that keeps an API Gateway key on the right
 * usage plan for each key with a plan. API Gateway then limits requests itself, with status 429.
 *
 * @throws {Error} if the keys have no plans or `usagePlans` is off, or an API reads API Gateway keys from headers
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
  /** The usage plans, by the name of the plan. */
  readonly usagePlans: Readonly<Record<string, UsagePlan>>;
  /**
   * Receives the positions in the stream of changes that API Gateway rejected: see docs/limits.md. Set an alarm on its
   * messages; `Monitoring` has one.
   */
  readonly notInStep: IQueue;

  constructor(scope: Construct, id: string, { keys, stages }: UsagePlansProps) {
    super(scope, id);
    if (!keys.usagePlans)
      throw new Error('keys need usagePlans: true, so that the authorizer returns the usage identifier key.');
    if (Object.keys(keys.plans).length === 0)
      throw new Error('keys have no plans. Set plans on the ApiKeys construct.');
    for (const { restApi } of stages) {
      const api = restApi.node.defaultChild;
      if (api instanceof CfnRestApi && api.apiKeySourceType !== ApiKeySourceType.AUTHORIZER)
        throw new Error(
          `The API ${restApi.node.path} needs apiKeySourceType: ApiKeySourceType.AUTHORIZER. Otherwise callers choose the usage plan with a header.`,
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
      description: 'Synchronizes API keys with API Gateway usage plans',
      // Lambda's maximum: a throttled batch that times out would start again from its first change.
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
    onChanges(sync.function, 'KeyChanges', keys.table, this.notInStep, { retryAttempts: RETRY_ATTEMPTS });
    acknowledge(sync, {
      id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:apigateway:<AWS::Region>::/apikeys/*]`,
      reason: 'API Gateway generates the IDs of its keys, so they are known only at run time.',
    });
    for (const plan of Object.values(this.usagePlans)) {
      acknowledge(sync, {
        id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:apigateway:<AWS::Region>::/usageplans/<${Stack.of(this).getLogicalId(plan.node.defaultChild as never)}>/keys/*]`,
        reason: 'The wildcard covers the keys of this usage plan only.',
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
