import { Template } from 'aws-cdk-lib/assertions';
import { expect, it } from 'vitest';
import { permissionsOf } from './permissions.ts';
import { OrdersStack } from './readme-example.ts';
import { resourcesOf, testApp } from '../../support/cdk/synth.ts';

it('the README example attaches the authorizer to every route', () => {
  const template = Template.fromStack(new OrdersStack(testApp(), 'Orders'));
  const guarded = Object.values(resourcesOf(template)).flatMap(({ Type, Properties = {} }) =>
    Type === 'AWS::ApiGateway::Method' || Type === 'AWS::ApiGatewayV2::Route' ? [Properties['AuthorizationType']] : [],
  );
  expect(guarded).toEqual(['CUSTOM', 'CUSTOM', 'CUSTOM', 'CUSTOM']);
  const revoke = '[KeysRevokeFunction.Arn]';
  expect(permissionsOf(template)['OrdersServiceRole']).toEqual([
    { actions: ['lambda:InvokeFunction'], resources: [revoke, `${revoke}:$LATEST`] },
  ]);
});
