import { CustomResource, Duration, RemovalPolicy, Stack, Tags } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, Stats, TreatMissingData, type IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';
import { EventBus, Rule, RuleTargetInput, Schedule, type IEventBus } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement, ServicePrincipal, type Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnRotationSchedule, CfnSecret, Secret, type ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { Limits } from '../src/core/limits/limits.ts';
import type { Metadata } from '../src/core/keys/record.ts';
import type { Restrictions } from '../src/core/restrictions/restrictions.ts';
import { EVENT_BUS_VARIABLE } from '../src/gateway/settings.ts';
import { SECRET_TABLE_TAG } from '../src/key-secrets/secret-value.ts';
import { DAILY_CHECK, toSecretEnvironment, type KeySecretSettings } from '../src/key-secrets/settings.ts';
import type { ApiKeys } from './api-keys.ts';
import { LatchkeyFunction } from './latchkey-function.ts';
import { statementsFor } from './table-access.ts';

/** Properties of {@link KeySecret}. */
export interface KeySecretProps {
  /** The keys that the secret's key belongs to. */
  readonly keys: ApiKeys;
  /** The name of the key: 1 to 100 characters. */
  readonly name: string;
  /**
   * The ID of the key's owner. It can't change.
   *
   * @default the key has no owner
   */
  readonly ownerId?: string;
  /**
   * What the key may call, such as `GET /orders/*`.
   *
   * @default decided by `unscopedKeys` of `ApiKeys`
   */
  readonly scopes?: readonly string[];
  /**
   * Custom metadata of the key. Required if `ApiKeys` has `attributes` that are.
   *
   * @default none
   */
  readonly metadata?: Metadata;
  /**
   * The plan whose limits apply to the key.
   *
   * @default no plan
   */
  readonly plan?: string;
  /**
   * Key-specific limits. They override the plan's.
   *
   * @default none
   */
  readonly limits?: Limits;
  /**
   * Where the key may be used from.
   *
   * @default anywhere
   */
  readonly restrictions?: Restrictions;
  /**
   * How often the key is rotated: whole hours from 4 hours, or whole days up to 999 days, as Secrets Manager accepts.
   *
   * @default Duration.days(30)
   */
  readonly rotateEvery?: Duration;
  /**
   * How long the previous key works after a rotation: from 5 minutes to less than `rotateEvery`. It must be longer than
   * consumers cache the secret, which the clients of AWS do for 5 minutes to 1 hour by default.
   *
   * @default Duration.days(1)
   */
  readonly overlap?: Duration;
  /**
   * How long a key works if it is not rotated. It must be longer than `rotateEvery` and `overlap` together, so that a
   * rotation can fail and be retried.
   *
   * @default a key works until it is rotated
   */
  readonly lifetime?: Duration;
  /**
   * The URL of the API that the key is for, stored in the secret as `endpoint`.
   *
   * @default not stored
   */
  readonly endpoint?: string;
  /**
   * Increase it to issue a new key and revoke the old ones, for example after the key was revoked.
   *
   * @default 1
   */
  readonly generation?: number;
  /**
   * The name of the secret.
   *
   * @default CloudFormation names the secret
   */
  readonly secretName?: string;
  /**
   * The KMS key that encrypts the secret. Required for consumers in other accounts.
   *
   * @default `aws/secretsmanager`
   */
  readonly encryptionKey?: IKey;
  /**
   * The event bus for rotations that fail or are overdue.
   *
   * @default the account's default bus
   */
  readonly eventBus?: IEventBus;
  /**
   * What the alarm does, such as `new SnsAction(topic)`.
   *
   * @default it only changes its state
   */
  readonly alarmActions?: readonly IAlarmAction[];
  /**
   * What happens when the construct is deleted. `DESTROY` revokes the keys and deletes the secret; `RETAIN` keeps both,
   * and the key is no longer rotated.
   *
   * @default RemovalPolicy.DESTROY
   */
  readonly removalPolicy?: RemovalPolicy;
}

/** Shorter than this, a consumer that caches the secret would keep using a key that no longer works. */
const MIN_OVERLAP = Duration.minutes(5);
/** https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_schedule.html */
const MIN_INTERVAL = Duration.hours(4);
const MAX_INTERVAL = Duration.days(999);
/** How late a rotation may be before the daily check fails. Secrets Manager rotates within a window of a day. */
const GRACE = Duration.days(1);

/**
 * An API key that no person sees: it is issued into AWS Secrets Manager, and rotated there on a schedule. The secret's
 * value is JSON with `key`, `keyId`, `expiresAt` and, if given, `endpoint`.
 *
 * A function writes the value. It is never in the template, an output, a log or an environment variable.
 *
 * @throws {Error} if a prop is not valid, naming it and what is accepted
 * @example
 * const checkoutKey = new KeySecret(this, 'CheckoutKey', { keys, name: 'Checkout', ownerId: 'checkout-service' });
 * checkoutKey.grantRead(checkoutFunction);
 */
export class KeySecret extends Construct {
  /** The secret that stores the key. */
  readonly secret: ISecret;
  /** Rotates the key. Secrets Manager invokes it, and a daily check. */
  readonly rotationFunction: IFunction;
  /** Goes off when a rotation fails or is overdue. */
  readonly alarm: Alarm;

  constructor(scope: Construct, id: string, props: KeySecretProps) {
    super(scope, id);
    const { keys, encryptionKey, removalPolicy = RemovalPolicy.DESTROY } = props;
    const { interval, settings } = checkedSettings(props);
    if (keys.readOnly)
      throw new Error('keys is read-only: create the KeySecret in the Region where the keys are written.');

    const secret = new Secret(this, 'Secret', {
      description: `API key "${props.name}", rotated by Latchkey`,
      ...(props.secretName === undefined ? {} : { secretName: props.secretName }),
      ...(encryptionKey === undefined ? {} : { encryptionKey }),
      removalPolicy,
    });
    Tags.of(secret).add(SECRET_TABLE_TAG, keys.table.tableName);
    // The secret starts without a value. CDK's default is a random password, which consumers could take for a key.
    if (secret.node.defaultChild instanceof CfnSecret) secret.node.defaultChild.generateSecretString = undefined;

    const { eventBus = EventBus.fromEventBusName(this, 'DefaultBus', 'default') } = props;
    const access = [
      ...statementsFor(keys.table, { read: ['GetItem'], write: ['PutItem', 'UpdateItem'] }),
      ...secretStatements(secret),
    ];
    const environment = { secretId: secret.secretArn, settings, endpoint: props.endpoint };
    const rotation = new LatchkeyFunction(this, 'Rotation', {
      ...keys.functionOptions,
      entry: 'rotate-secret',
      description: 'Rotates an API key in Secrets Manager',
      timeout: Duration.seconds(30),
      environment: {
        ...keys.managementEnvironment,
        ...toSecretEnvironment(environment),
        [EVENT_BUS_VARIABLE]: eventBus.eventBusName,
      },
      statements: [
        ...access,
        new PolicyStatement({ actions: ['events:PutEvents'], resources: [eventBus.eventBusArn] }),
      ],
    }).function;

    const lifecycle = new LatchkeyFunction(this, 'Lifecycle', {
      ...keys.functionOptions,
      entry: 'manage-secret-key',
      description: 'Issues and revokes an API key in Secrets Manager',
      // A revocation waits about 8 seconds for the last flush of the authorizer caches.
      timeout: Duration.minutes(2),
      environment: {
        ...keys.managementEnvironment,
        ...toSecretEnvironment({ ...environment, revokeFunction: keys.functions.revoke.functionName }),
      },
      statements: access,
    }).function;
    keys.grant('revoke', lifecycle);

    const { name, ownerId, scopes, metadata, plan, limits, restrictions, generation = 1 } = props;
    const key = new CustomResource(this, 'Key', {
      resourceType: 'Custom::LatchkeyKeySecret',
      serviceToken: lifecycle.functionArn,
      serviceTimeout: Duration.minutes(5),
      removalPolicy,
      properties: {
        Fields: Stack.of(this).toJsonString({ name, ownerId, scopes, metadata, plan, limits, restrictions }),
        Generation: String(generation),
      },
    });
    // The functions need their roles' policies when the key is issued, and still have them when it is revoked.
    key.node.addDependency(secret, ...[lifecycle, keys.functions.revoke].flatMap(({ node }) => node.scope ?? []));

    rotation.addPermission('SecretsManager', {
      principal: new ServicePrincipal('secretsmanager.amazonaws.com'),
      sourceAccount: Stack.of(this).account,
      sourceArn: secret.secretArn,
    });
    const schedule = new CfnRotationSchedule(this, 'Schedule', {
      secretId: secret.secretArn,
      rotationLambdaArn: rotation.functionArn,
      rotationRules: { scheduleExpression: `rate(${interval})` },
      // The first key is new.
      rotateImmediatelyOnUpdate: false,
    });
    schedule.node.addDependency(key, ...(rotation.node.scope === undefined ? [] : [rotation.node.scope]));

    new Rule(this, 'DailyCheck', {
      description: `Checks that the API key "${props.name}" is rotated on time`,
      schedule: Schedule.rate(Duration.days(1)),
      targets: [new LambdaFunction(rotation, { event: RuleTargetInput.fromObject(DAILY_CHECK) })],
    });
    this.alarm = new Alarm(this, 'RotationFailed', {
      alarmDescription: `The rotation of the API key "${props.name}" failed or is overdue: see the log of ${rotation.functionName}.`,
      metric: rotation.metricErrors({ statistic: Stats.SUM, period: Duration.minutes(5) }),
      threshold: 1,
      // Metrics can arrive minutes late.
      evaluationPeriods: 3,
      datapointsToAlarm: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    this.alarm.addAlarmAction(...(props.alarmActions ?? []));
    this.secret = secret;
    this.rotationFunction = rotation;
  }

  /** Allows to read the secret and, if it has a KMS key, to decrypt it. */
  grantRead(grantee: IGrantable): Grant {
    return this.secret.grantRead(grantee);
  }
}

/** What the functions may do with the one secret. They need no `GetRandomPassword`. */
function secretStatements(secret: Secret): PolicyStatement[] {
  const actions = ['DescribeSecret', 'GetSecretValue', 'PutSecretValue', 'UpdateSecretVersionStage'];
  const statements = [
    new PolicyStatement({
      actions: actions.map((action) => `secretsmanager:${action}`),
      resources: [secret.secretArn],
    }),
  ];
  if (secret.encryptionKey !== undefined)
    statements.push(
      new PolicyStatement({
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        resources: [secret.encryptionKey.keyArn],
        conditions: {
          StringEquals: { 'kms:ViaService': `secretsmanager.${Stack.of(secret).region}.amazonaws.com` },
        },
      }),
    );
  return statements;
}

/** @throws {Error} if a duration or the generation is not valid */
function checkedSettings(props: KeySecretProps): { readonly interval: string; readonly settings: KeySecretSettings } {
  const { rotateEvery = Duration.days(30), overlap = Duration.days(1), lifetime, generation = 1 } = props;
  const every = rotateEvery.toSeconds();
  const overlapSeconds = overlap.toSeconds();
  const unit = every % 86_400 === 0 ? 'day' : 'hour';
  const count = every / (unit === 'day' ? 86_400 : 3600);
  if (!Number.isInteger(count) || every < MIN_INTERVAL.toSeconds() || every > MAX_INTERVAL.toSeconds())
    throw new Error(`rotateEvery is ${rotateEvery.toHumanString()}. Use whole hours from 4 hours to 999 days.`);
  if (overlapSeconds < MIN_OVERLAP.toSeconds() || overlapSeconds >= every)
    throw new Error(
      `overlap is ${overlap.toHumanString()}. Use at least 5 minutes, and less than rotateEvery (${rotateEvery.toHumanString()}).`,
    );
  if (lifetime !== undefined && lifetime.toSeconds() <= every + overlapSeconds)
    throw new Error(
      `lifetime is ${lifetime.toHumanString()}. Use more than rotateEvery and overlap together (${rotateEvery.plus(overlap).toHumanString()}).`,
    );
  if (!Number.isInteger(generation) || generation < 1)
    throw new Error(`generation is ${String(generation)}. Use a whole number from 1.`);
  return {
    interval: `${String(count)} ${unit}${count === 1 ? '' : 's'}`,
    settings: {
      overlapSeconds,
      ...(lifetime === undefined ? {} : { lifetimeSeconds: lifetime.toSeconds() }),
      overdueSeconds: every + GRACE.toSeconds(),
    },
  };
}
