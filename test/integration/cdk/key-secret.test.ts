import { Duration, RemovalPolicy, Stack, Validations, type App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Table } from 'aws-cdk-lib/aws-dynamodb';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { AccountPrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';
import { ApiKeys } from '../../../cdk/api-keys.ts';
import type { ApiKeysProps } from '../../../cdk/api-keys-props.ts';
import { KeySecret, type KeySecretProps } from '../../../cdk/key-secret.ts';
import { only, resourcesOf, someFunction, testApp } from '../../support/cdk/synth.ts';
import { permissionsOf, type Permission } from './permissions.ts';

function fill(app: App, props: (stack: Stack) => Partial<KeySecretProps> = () => ({}), keyProps: ApiKeysProps = {}) {
  const stack = new Stack(app, 'Stack');
  const keys = new ApiKeys(stack, 'Keys', keyProps);
  const secret = new KeySecret(stack, 'CheckoutKey', { keys, name: 'Checkout', ownerId: 'acme', ...props(stack) });
  return { stack, secret };
}

const template = (...args: [Parameters<typeof fill>[1]?, ApiKeysProps?]) =>
  Template.fromStack(fill(testApp(), ...args).stack);

describe('KeySecret', () => {
  it('creates a secret without a value, which is never in the template', () => {
    const secret = only(template(), 'AWS::SecretsManager::Secret');
    expect(Object.keys(secret)).toEqual(['Description', 'Tags']);
    expect(secret['Tags']).toEqual([
      { Key: 'latchkey:table', Value: { Ref: expect.stringMatching(/^KeysTable/) as string } },
    ]);
  });

  it('rotates the key every 30 days by default, and not at once', () => {
    template().hasResourceProperties('AWS::SecretsManager::RotationSchedule', {
      RotationRules: { ScheduleExpression: 'rate(30 days)' },
      RotateImmediatelyOnUpdate: false,
    });
  });

  it('passes the fields of the key to the function that issues it', () => {
    const made = template(() => ({ scopes: ['GET /orders/*'], metadata: { tier: 'gold', seats: 5 } }));
    made.hasResourceProperties('Custom::LatchkeyKeySecret', {
      Fields: JSON.stringify({
        name: 'Checkout',
        ownerId: 'acme',
        scopes: ['GET /orders/*'],
        metadata: { tier: 'gold', seats: 5 },
      }),
      Generation: '1',
    });
  });

  it('issues the key before the schedule exists, and keeps the function until the key is revoked', () => {
    const resources = template().toJSON() as { Resources: Record<string, { Type: string; DependsOn?: string[] }> };
    const dependenciesOf = (type: string) =>
      Object.values(resources.Resources)
        .filter((resource) => resource.Type === type)
        .flatMap(({ DependsOn = [] }) => DependsOn);
    expect(dependenciesOf('AWS::SecretsManager::RotationSchedule')).toContainEqual(
      expect.stringMatching(/^CheckoutKey[0-9A-F]{8}$/),
    );
    expect(dependenciesOf('Custom::LatchkeyKeySecret')).toContainEqual(
      expect.stringMatching(/^CheckoutKeyLifecycleRoleDefaultPolicy/),
    );
  });

  it('passes the secret and the settings to both functions, and no key', () => {
    const functions = Object.entries(resourcesOf(template())).filter(
      ([id, { Type }]) => Type === 'AWS::Lambda::Function' && id.startsWith('CheckoutKey'),
    );
    expect(functions).toHaveLength(2);
    for (const [, { Properties }] of functions)
      expect(Properties).toMatchObject({
        Environment: {
          Variables: {
            LATCHKEY_SECRET_ID: { Ref: expect.stringMatching(/^CheckoutKeySecret/) as string },
            LATCHKEY_SECRET_SETTINGS: JSON.stringify({ overlapSeconds: 86_400, overdueSeconds: 31 * 86_400 }),
            LATCHKEY_SETTINGS: expect.stringContaining('"label":"lk"') as string,
          },
        },
      });
  });

  it('lets only Secrets Manager rotate, and only for this secret', () => {
    template().hasResourceProperties('AWS::Lambda::Permission', {
      Principal: 'secretsmanager.amazonaws.com',
      SourceArn: { Ref: Match.stringLikeRegexp('^CheckoutKeySecret') },
      SourceAccount: { Ref: 'AWS::AccountId' },
      FunctionName: { 'Fn::GetAtt': [Match.stringLikeRegexp('^CheckoutKeyRotation'), 'Arn'] },
    });
  });

  it('checks daily that the key is rotated, and has an alarm on failures', () => {
    const made = template();
    made.hasResourceProperties('AWS::Events::Rule', {
      ScheduleExpression: 'rate(1 day)',
      Targets: [Match.objectLike({ Input: '{"check":"daily"}' })],
    });
    made.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'Errors', Threshold: 1, EvaluationPeriods: 3 });
  });

  it('keeps the key and the secret with RemovalPolicy.RETAIN, and revokes and deletes them by default', () => {
    for (const removalPolicy of [undefined, RemovalPolicy.RETAIN]) {
      const made = template(() => (removalPolicy === undefined ? {} : { removalPolicy }));
      const DeletionPolicy = removalPolicy === undefined ? 'Delete' : 'Retain';
      made.hasResource('AWS::SecretsManager::Secret', { DeletionPolicy });
      made.hasResource('Custom::LatchkeyKeySecret', { DeletionPolicy });
    }
  });

  it.each<[string, Partial<KeySecretProps>, string]>([
    [
      'an interval below 4 hours',
      { rotateEvery: Duration.hours(3), overlap: Duration.hours(1) },
      'rotateEvery is 3 hours',
    ],
    ['an interval of half an hour more', { rotateEvery: Duration.minutes(330) }, 'Use whole hours'],
    ['an interval above 999 days', { rotateEvery: Duration.days(1000) }, 'rotateEvery is 1000 days'],
    ['no overlap', { overlap: Duration.seconds(0) }, 'Use at least 5 minutes'],
    ['an overlap as long as the interval', { rotateEvery: Duration.days(1) }, 'less than rotateEvery (1 day)'],
    ['a lifetime that ends before the next rotation', { lifetime: Duration.days(30) }, 'lifetime is 30 days'],
    ['a generation of 0', { generation: 0 }, 'generation is 0'],
  ])('rejects %s', (_what, props, message) => {
    expect(() => template(() => props)).toThrow(message);
  });

  it('rejects keys that are only read', () => {
    const stack = new Stack(testApp(), 'Stack');
    const table = Table.fromTableName(stack, 'Replica', 'keys');
    const keys = new ApiKeys(stack, 'Keys', { table, readOnly: true });
    expect(() => new KeySecret(stack, 'Key', { keys, name: 'Checkout' })).toThrow('where the keys are written');
  });

  it('KeySecret has no findings of cdk-nag', () => {
    const app = testApp();
    fill(app);
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    expect(() => app.synth()).not.toThrow();
  });
});

it('lets another account read the secret and decrypt it with the KMS key, as in docs/keys-in-secrets-manager.md', () => {
  const { stack, secret } = fill(testApp(), (inStack) => ({ encryptionKey: new Key(inStack, 'Kms') }));
  secret.grantRead(new AccountPrincipal('210987654321'));
  const made = Template.fromStack(stack);
  const consumer = {
    AWS: Match.objectLike({ 'Fn::Join': ['', Match.arrayWith([Match.stringLikeRegexp('210987654321')])] }),
  };
  made.hasResourceProperties('AWS::SecretsManager::ResourcePolicy', {
    SecretId: { Ref: Match.stringLikeRegexp('^CheckoutKeySecret') },
    ResourcePolicy: {
      Statement: [
        {
          Effect: 'Allow',
          Principal: consumer,
          Action: ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'],
          Resource: { Ref: Match.stringLikeRegexp('^CheckoutKeySecret') },
        },
      ],
    },
  });
  made.hasResourceProperties('AWS::KMS::Key', {
    KeyPolicy: {
      Statement: Match.arrayWith([
        Match.objectLike({
          Action: 'kms:Decrypt',
          Principal: consumer,
          Condition: { StringEquals: { 'kms:ViaService': Match.anyValue() } },
        }),
      ]),
    },
  });
});

describe('what the functions of a KeySecret may do', () => {
  const ownLog = (log: string): Permission => ({
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    resources: [`[${log}.Arn]`],
  });
  const ON_TABLE: Permission = {
    actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
    resources: ['[KeysTable.Arn]'],
  };
  const ON_SECRET: Permission = {
    actions: ['DescribeSecret', 'GetSecretValue', 'PutSecretValue', 'UpdateSecretVersionStage'].map(
      (action) => `secretsmanager:${action}`,
    ),
    resources: ['[CheckoutKeySecret]'],
  };

  it('what the functions of a KeySecret may do is to use the keys table and the one secret, publish events, and revoke', () => {
    const roles = permissionsOf(template((stack) => ({ eventBus: new EventBus(stack, 'Bus') })));
    expect(roles['CheckoutKeyRotationRole']).toEqual([
      ownLog('CheckoutKeyRotationLog'),
      ON_TABLE,
      ON_SECRET,
      { actions: ['events:PutEvents'], resources: ['[Bus.Arn]'] },
    ]);
    const revoke = '[KeysRevokeFunction.Arn]';
    expect(roles['CheckoutKeyLifecycleRole']).toEqual([
      ownLog('CheckoutKeyLifecycleLog'),
      ON_TABLE,
      ON_SECRET,
      { actions: ['lambda:InvokeFunction'], resources: [revoke, `${revoke}:$LATEST`] },
    ]);
  });

  it('what the functions of a KeySecret may do is to use the KMS key of the secret, through Secrets Manager only', () => {
    const roles = permissionsOf(template((stack) => ({ encryptionKey: new Key(stack, 'Kms') })));
    for (const role of ['CheckoutKeyRotationRole', 'CheckoutKeyLifecycleRole'])
      expect(roles[role]).toContainEqual({
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        resources: ['[Kms.Arn]'],
        condition: { StringEquals: { 'kms:ViaService': expect.anything() as unknown } },
      });
  });

  it('lets a consumer read the secret, and nothing else', () => {
    const { stack, secret } = fill(testApp());
    secret.grantRead(someFunction(stack, 'Consumer'));
    const { ConsumerServiceRole } = permissionsOf(Template.fromStack(stack));
    expect(ConsumerServiceRole).toEqual([
      {
        actions: ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'],
        resources: ['[CheckoutKeySecret]'],
      },
    ]);
  });
});
