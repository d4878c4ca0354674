import { Duration, type Stack } from 'aws-cdk-lib';
import type { Template } from 'aws-cdk-lib/assertions';
import {
  Deployment,
  LambdaIntegration,
  LambdaRestApi,
  RequestAuthorizer,
  Stage,
  type RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import { HttpApi, WebSocketApi, WebSocketStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration, WebSocketLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { describe, expect, it } from 'vitest';
import type { ApiKeysProps } from '../../../cdk/api-keys-props.ts';
import { ApiKeys } from '../../../cdk/api-keys.ts';
import { AUTHORIZER_TIMEOUT_MS } from '../../../src/gateway/settings.ts';
import { SETTLE_MS } from '../../../src/gateway/settle-time.ts';
import { permissionsOf } from './permissions.ts';
import { only, someFunction, stackWithKeys } from '../../support/cdk/synth.ts';

const FLUSHING = ['Revoke', 'Rotate'];
const OTHERS = ['Authorizer', 'Create', 'Get', 'List', 'Update', 'Verify'];

/** The caches that a function can flush. */
function flushable(template: Template, name: string): string[] {
  return (permissionsOf(template)[`Keys${name}Role`] ?? [])
    .filter(({ actions }) => actions.some((action) => action.startsWith('apigateway:')))
    .flatMap(({ actions, resources }) => {
      expect(actions).toEqual(['apigateway:DELETE']);
      return resources;
    });
}

/** The stages in the environment of a function. */
function stagesOf(template: Template, name: string): unknown {
  const { Environment } = only(template, 'AWS::Lambda::Function', `Keys${name}Function`) as {
    Environment: { Variables: { LATCHKEY_STAGES?: unknown } };
  };
  return Environment.Variables.LATCHKEY_STAGES;
}

const cache = (stage: string) => `arn:[AWS::Partition]:apigateway:[AWS::Region]::/${stage}/cache/authorizers`;

function guardedRest(stack: Stack, keys: ApiKeys, id = 'Rest'): RestApi {
  const authorizer = keys.restAuthorizer();
  return new LambdaRestApi(stack, id, {
    handler: someFunction(stack, `${id}Handler`),
    defaultMethodOptions: { authorizer },
  });
}

describe('flushing on revocation', () => {
  it.each(FLUSHING)(
    '%s flushes the stages of the APIs that use this authorizer, and has no other permission',
    (name) => {
      const template = stackWithKeys({}, (stack, keys) => {
        const api = guardedRest(stack, keys);
        new Stage(stack, 'Beta', { stageName: 'beta', deployment: new Deployment(stack, 'BetaDeployment', { api }) });
        new LambdaRestApi(stack, 'Unguarded', { handler: someFunction(stack) });
        guardedRest(stack, new ApiKeys(stack, 'OtherKeys', { label: 'other' }), 'Another');
      });
      expect(flushable(template, name)).toEqual([
        cache('restapis/[Rest]/stages/beta'),
        cache('restapis/[Rest]/stages/prod'),
      ]);
      expect(JSON.stringify(stagesOf(template, name))).toMatch(
        /\["rest\/",\{"Ref":"Rest\w{8}"\},"\/prod,rest\/",\{"Ref":"Rest\w{8}"\},"\/beta"\]/,
      );
    },
  );

  it('the suspension of an owner flushes the same stages', () => {
    const add = (stack: Stack, keys: ApiKeys) => void guardedRest(stack, keys);
    expect(flushable(stackWithKeys({ ownerSuspension: true }, add), 'Suspend')).toEqual([
      cache('restapis/[Rest]/stages/prod'),
    ]);
    expect(flushable(stackWithKeys({ ownerSuspension: true }, add), 'Resume')).toEqual([]);
  });

  it('an alert of GitHub that revokes a leaked key flushes the same stages', () => {
    const withAlerts = (leakedKeys: 'revoke' | 'report') =>
      stackWithKeys({}, (stack, keys) => {
        keys.secretScanningFunction(leakedKeys);
        guardedRest(stack, keys);
      });
    expect(flushable(withAlerts('revoke'), 'SecretScanning')).toEqual([cache('restapis/[Rest]/stages/prod')]);
    expect(stagesOf(withAlerts('revoke'), 'SecretScanning')).toBeDefined();
    expect(flushable(withAlerts('report'), 'SecretScanning')).toEqual([]);
  });

  it('a revocation flushes the $default stage of an HTTP API, with permission for both forms of its name', () => {
    const template = stackWithKeys({}, (stack, keys) => {
      new HttpApi(stack, 'Http', {
        defaultIntegration: new HttpLambdaIntegration('Integration', someFunction(stack)),
        defaultAuthorizer: keys.httpAuthorizer(),
      });
    });
    expect(flushable(template, 'Revoke')).toEqual([
      cache('apis/[Http]/stages/$default'),
      cache('apis/[Http]/stages/%24default'),
    ]);
    expect(JSON.stringify(stagesOf(template, 'Revoke'))).toMatch(/\["http\/",\{"Ref":"Http\w{8}"\},"\/\$default"\]/);
  });

  it('a revocation flushes the stage that flushOnRevoke() names', () => {
    const template = stackWithKeys({}, (_, keys) => {
      keys.flushOnRevoke({ kind: 'rest', apiId: 'a1b2c3d4e5', stageName: 'live' });
    });
    expect(flushable(template, 'Rotate')).toEqual([cache('restapis/a1b2c3d4e5/stages/live')]);
    expect(stagesOf(template, 'Rotate')).toBe('rest/a1b2c3d4e5/live');
  });

  it('a revocation flushes an API whose handler revokes keys, without a dependency cycle', () => {
    // Template.fromStack rejects a template with a cycle.
    const template = stackWithKeys({}, (stack, keys) => {
      const handler = someFunction(stack, 'SelfService');
      keys.grantRevoke(handler);
      const api = new LambdaRestApi(stack, 'Rest', {
        handler,
        proxy: false,
        defaultMethodOptions: { authorizer: keys.restAuthorizer() },
      });
      api.root.addMethod('GET');
      api.root.addResource('revoke').addMethod('POST', new LambdaIntegration(keys.httpFunction('revoke')));
    });
    expect(flushable(template, 'Revoke')).toHaveLength(1);
  });
});

describe('a record cache', () => {
  const recordCache = Duration.seconds(10);
  const uncached = { recordCache, cacheTtl: Duration.seconds(0) };

  it('a record cache is rejected with a stage that is named for flushing', () => {
    const add = (_: Stack, keys: ApiKeys) => {
      keys.flushOnRevoke({ kind: 'rest', apiId: 'a1b2c3d4e5', stageName: 'live' });
    };
    expect(() => stackWithKeys(uncached, add)).toThrow(/recordCache cannot be used with stages that are flushed.*live/);
  });

  it('a record cache is rejected with an authorizer of the same function that caches', () => {
    const add = (stack: Stack, keys: ApiKeys) => {
      const authorizer = new RequestAuthorizer(stack, 'CustomAuthorizer', {
        handler: keys.authorizerFunction,
        identitySources: ['method.request.header.x-api-key'],
        resultsCacheTtl: Duration.minutes(1),
      });
      const handler = someFunction(stack);
      new LambdaRestApi(stack, 'Rest', { handler, defaultMethodOptions: { authorizer } });
    };
    expect(() => stackWithKeys(uncached, add)).toThrow(/recordCache cannot be used with stages that are flushed.*prod/);
  });

  it('a record cache is accepted without a cache, and where nothing is flushed', () => {
    expect(flushable(stackWithKeys(uncached, guardedRest), 'Revoke')).toEqual([]);
    expect(flushable(stackWithKeys({ recordCache, flushOnRevoke: false }, guardedRest), 'Revoke')).toEqual([]);
  });
});

it('the authorizer cannot run longer than the last flush waits for, and the functions that flush can wait', () => {
  const template = stackWithKeys({ ownerSuspension: true }, (stack, keys) => {
    keys.secretScanningFunction();
    guardedRest(stack, keys);
  });
  const timeoutMs = (name: string) =>
    1000 * (only(template, 'AWS::Lambda::Function', `Keys${name}Function`) as { Timeout: number }).Timeout;
  expect(timeoutMs('Authorizer')).toBe(AUTHORIZER_TIMEOUT_MS);
  expect(SETTLE_MS).toBeGreaterThanOrEqual(timeoutMs('Authorizer') + 3000);
  for (const name of [...FLUSHING, 'Suspend', 'SecretScanning']) expect(timeoutMs(name)).toBeGreaterThan(2 * SETTLE_MS);
});

describe('functions that flush no cache', () => {
  const nothing = (props: ApiKeysProps, add: (stack: Stack, keys: ApiKeys) => void) => {
    const template = stackWithKeys(props, add);
    for (const name of FLUSHING) {
      expect(flushable(template, name)).toEqual([]);
      expect(stagesOf(template, name)).toBeUndefined();
    }
  };

  it('no function flushes a cache if flushOnRevoke is off', () => {
    nothing({ flushOnRevoke: false }, guardedRest);
  });

  it('no function flushes a cache if nothing is cached', () => {
    nothing({ cacheTtl: Duration.seconds(0) }, guardedRest);
  });

  it('no function flushes a cache of a WebSocket API, which has none', () => {
    nothing({}, (stack, keys) => {
      const webSocketApi = new WebSocketApi(stack, 'WebSocket', {
        connectRouteOptions: {
          integration: new WebSocketLambdaIntegration('Connect', someFunction(stack)),
          authorizer: keys.webSocketAuthorizer(),
        },
      });
      new WebSocketStage(stack, 'Live', { webSocketApi, stageName: 'live', autoDeploy: true });
    });
  });

  it.each(OTHERS)('%s cannot flush a cache, because it does not stop a key', (name) => {
    expect(flushable(stackWithKeys({}, guardedRest), name)).toEqual([]);
  });
});
