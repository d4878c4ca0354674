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
  it('the deployable stack has the outputs that the CLI and the quick start need', () => {
    expect(Object.keys(template.toJSON()['Outputs'] as object).sort()).toEqual([
      'AdminApiUrl',
      'AuthorizerFunctionName',
      'CreateFunctionName',
      'DisableFunctionName',
      'EnableFunctionName',
      'ExportFunctionName',
      'GetFunctionName',
      'ImportFunctionName',
      'ListFunctionName',
      'RevokeFunctionName',
      'RotateFunctionName',
      'SampleApiUrl',
      'SettingsFunctionName',
      'TableName',
      'UpdateFunctionName',
      'UsageFunctionName',
      'VerifyFunctionName',
    ]);
  });

  it('gives no resource a physical name that could already exist', () => {
    const names = ['TableName', 'GlobalTableName', 'RoleName', 'LogGroupName', 'ManagedPolicyName'];
    for (const [id, { Type, Properties = {} }] of Object.entries(resourcesOf(template))) {
      // The name of a subscription filter's log group refers to another resource.
      if (Type === 'AWS::Logs::SubscriptionFilter') continue;
      for (const name of names) expect(Properties, id).not.toHaveProperty(name);
      if (Type === 'AWS::Lambda::Function') expect(Properties, id).not.toHaveProperty('FunctionName');
    }
  });

  it('keeps the table and the account’s log setting when it is deleted', () => {
    template.hasResource('AWS::DynamoDB::GlobalTable', { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    template.hasResource('AWS::ApiGateway::Account', { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
  });

  it('does not change the account’s log setting if apiGatewayLogRole is false', () => {
    const other = Template.fromStack(new LatchkeyStack(testApp(), 'Latchkey', { apiGatewayLogRole: false }));
    other.resourceCountIs('AWS::ApiGateway::Account', 0);
  });
});

describe('the admin API', () => {
  it('requires an IAM signature on every route', () => {
    const methods = methodsOf('Admin');
    expect(methods).toHaveLength(ADMIN_ROUTES.length);
    for (const method of methods) expect(method).toMatchObject({ AuthorizationType: 'AWS_IAM' });
  });

  it('integrates each route with the HTTP alias of one function, or with the error not_enabled', () => {
    const targets = methodsOf('Admin').map(({ HttpMethod, Integration }) => {
      const [, called = 'not_enabled'] =
        /"((?:Keys|Usage)\w+?)FunctionHttp\w{8}"/.exec(JSON.stringify(Integration)) ?? [];
      return `${String(HttpMethod)} ${called}`;
    });
    expect(targets.sort()).toEqual([
      'GET KeysGet',
      'GET KeysList',
      'GET KeysSettings',
      'GET UsageGet',
      'GET not_enabled',
      'PATCH KeysUpdate',
      'POST KeysCreate',
      'POST KeysDisable',
      'POST KeysEnable',
      'POST KeysRevoke',
      'POST KeysRotate',
      'POST KeysVerify',
      'POST not_enabled',
      'POST not_enabled',
    ]);
  });

  it('returns the error not_enabled, which names the prop, on the routes of operations without a function', () => {
    const mocks = methodsOf('Admin').flatMap(({ Integration }) => {
      const { Type, IntegrationResponses } = Integration as {
        Type: string;
        IntegrationResponses?: { StatusCode: string; ResponseTemplates: Record<string, string> }[];
      };
      return Type === 'MOCK' ? (IntegrationResponses ?? []) : [];
    });
    expect(mocks).toHaveLength(3);
    for (const { StatusCode, ResponseTemplates } of mocks) {
      expect(StatusCode).toBe('409');
      expect(JSON.parse(ResponseTemplates['application/json'] ?? '')).toMatchObject({
        error: { code: 'not_enabled', message: expect.stringContaining('requires ownerSuspension: true') as string },
      });
    }
  });

  it('requires the path parameter of each route that has one', () => {
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
  it('uses the authorizer on every path', () => {
    const methods = methodsOf('Sample');
    expect(methods.map(({ HttpMethod }) => HttpMethod)).toEqual(['ANY', 'ANY']);
    for (const method of methods) {
      expect(method).toMatchObject({
        AuthorizationType: 'CUSTOM',
        AuthorizerId: { Ref: idOf('SampleApiLatchkeyKeys\\w{8}Authorizer') },
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

  it('the logs contain nothing that clients send in paths, queries, headers or bodies', () => {
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

  it('the logs contain errors without the data of the request', () => {
    expect(stage.MethodSettings).toEqual([
      { HttpMethod: '*', ResourcePath: '/*', LoggingLevel: 'ERROR', DataTraceEnabled: false },
    ]);
  });
});
