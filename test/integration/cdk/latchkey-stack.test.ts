import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { LatchkeyStack } from '../../../cdk/latchkey-stack.ts';
import { ADMIN_ROUTES } from '../../../src/management/operations.ts';
import { idOf, only, resourcesOf, testApp } from '../../support/cdk/synth.ts';

const template = Template.fromStack(new LatchkeyStack(testApp(), 'Latchkey'));

function methodsOf(api: 'Admin' | 'Sample') {
  return Object.entries(resourcesOf(template)).flatMap(([id, { Type, Properties = {} }]) =>
    Type === 'AWS::ApiGateway::Method' && id.startsWith(api) ? [Properties] : [],
  );
}

describe('the deployable stack', () => {
  it('puts out what a user needs next', () => {
    expect(Object.keys(template.toJSON()['Outputs'] as object).sort()).toEqual([
      'AdminApiUrl',
      'AuthorizerFunctionName',
      'CreateFunctionName',
      'ExportFunctionName',
      'GetFunctionName',
      'ImportFunctionName',
      'ListFunctionName',
      'OwnerFunctionName',
      'ResumeFunctionName',
      'RevokeFunctionName',
      'RotateFunctionName',
      'SampleApiUrl',
      'SettingsFunctionName',
      'SuspendFunctionName',
      'TableName',
      'UpdateFunctionName',
      'UsageFunctionName',
      'VerifyFunctionName',
    ]);
  });

  it('gives nothing a name that could be taken', () => {
    const names = ['TableName', 'GlobalTableName', 'RoleName', 'LogGroupName', 'ManagedPolicyName'];
    for (const [id, { Type, Properties = {} }] of Object.entries(resourcesOf(template))) {
      // A subscription says whose it is.
      if (Type === 'AWS::Logs::SubscriptionFilter') continue;
      for (const name of names) expect(Properties, id).not.toHaveProperty(name);
      if (Type === 'AWS::Lambda::Function') expect(Properties, id).not.toHaveProperty('FunctionName');
    }
  });

  it('keeps the table and the account’s log setting when it is deleted', () => {
    template.hasResource('AWS::DynamoDB::GlobalTable', { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    template.hasResource('AWS::ApiGateway::Account', { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
  });

  it('leaves the account’s log setting alone when told so', () => {
    const other = Template.fromStack(new LatchkeyStack(testApp(), 'Latchkey', { apiGatewayLogRole: false }));
    other.resourceCountIs('AWS::ApiGateway::Account', 0);
  });
});

describe('the admin API', () => {
  it('calls for an IAM signature on every route', () => {
    const methods = methodsOf('Admin');
    expect(methods).toHaveLength(ADMIN_ROUTES.length);
    for (const method of methods) expect(method).toMatchObject({ AuthorizationType: 'AWS_IAM' });
  });

  it('integrates the HTTP alias of one function with each route', () => {
    const targets = methodsOf('Admin').map(({ HttpMethod, Integration }) => {
      const [, called = ''] = /"((?:Keys|Usage)\w+?)FunctionHttp\w{8}"/.exec(JSON.stringify(Integration)) ?? [];
      return `${String(HttpMethod)} ${called}`;
    });
    expect(targets.sort()).toEqual([
      'GET KeysGet',
      'GET KeysList',
      'GET KeysOwner',
      'GET KeysSettings',
      'GET UsageGet',
      'PATCH KeysUpdate',
      'POST KeysCreate',
      'POST KeysResume',
      'POST KeysRevoke',
      'POST KeysRotate',
      'POST KeysSuspend',
      'POST KeysVerify',
    ]);
  });

  it('wants the path parameter of each route that has one', () => {
    const methods = methodsOf('Admin');
    for (const method of methods) expect(method).toHaveProperty('RequestValidatorId');
    const wanted = methods.map(({ RequestParameters }) => JSON.stringify(RequestParameters));
    const routes = ADMIN_ROUTES.map(({ path }) => {
      const [, name] = /\{(\w+)\}/.exec(path) ?? [];
      return name === undefined ? {} : { [`method.request.path.${name}`]: true };
    });
    expect(wanted.sort()).toEqual(routes.map((parameters) => JSON.stringify(parameters)).sort());
  });
});

describe('the sample API', () => {
  it('asks the authorizer on every path', () => {
    const methods = methodsOf('Sample');
    expect(methods.map(({ HttpMethod }) => HttpMethod)).toEqual(['ANY', 'ANY']);
    for (const method of methods) {
      expect(method).toMatchObject({
        AuthorizationType: 'CUSTOM',
        AuthorizerId: { Ref: idOf('KeysRestAuthorizer') },
      });
    }
    const paths = Object.values(template.findResources('AWS::ApiGateway::Resource')).map(
      ({ Properties }) => (Properties as { PathPart: string }).PathPart,
    );
    expect(paths).toContain('{proxy+}');
  });
});

describe.each(['Admin', 'Sample'])('the logs of the %s API', (api) => {
  const stage = only(template, 'AWS::ApiGateway::Stage', api) as {
    AccessLogSetting: { Format: string };
    MethodSettings: unknown[];
  };

  it('hold nothing of what clients put in paths, queries, headers or bodies', () => {
    const variables = Object.values(JSON.parse(stage.AccessLogSetting.Format) as Record<string, string>).flatMap(
      (text) => text.split(' '),
    );
    expect(
      new Set(variables.map((variable) => variable.replace(/^\$context\.(identity\.|authorizer\.)?/, ''))),
    ).toEqual(
      new Set([
        'requestId',
        'sourceIp',
        ...(api === 'Admin' ? ['requestTime', 'userArn'] : ['requestTimeEpoch', 'keyId']),
        'httpMethod',
        'resourcePath',
        'status',
        'responseLatency',
        'error.responseType',
      ]),
    );
  });

  it('hold errors without the data that led to them', () => {
    expect(stage.MethodSettings).toEqual([
      { HttpMethod: '*', ResourcePath: '/*', LoggingLevel: 'ERROR', DataTraceEnabled: false },
    ]);
  });
});
