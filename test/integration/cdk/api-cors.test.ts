import { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { LambdaRestApi, MockIntegration, RestApi } from 'aws-cdk-lib/aws-apigateway';
import { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { describe, expect, it } from 'vitest';
import { ApiCors, type ApiCorsOptions } from '../../../cdk/api-cors.ts';
import { ApiKeys } from '../../../cdk/api-keys.ts';
import { only, resourcesOf, someFunction, testApp } from '../../support/cdk/synth.ts';

const ORIGIN = 'https://app.example.com';

function stackWithImportedKeys() {
  const stack = new Stack(testApp(), 'Stack');
  const arn = 'arn:aws:lambda:eu-west-1:111122223333:function:authorizer';
  return { stack, keys: ApiKeys.fromAuthorizerFunctionArn(stack, 'Keys', arn) };
}

function methodsOf(template: Template, httpMethod: string) {
  return Object.values(resourcesOf(template)).flatMap(({ Type, Properties = {} }) =>
    Type === 'AWS::ApiGateway::Method' && Properties['HttpMethod'] === httpMethod ? [Properties] : [],
  );
}

describe('CORS on a REST API', () => {
  function restApi(options: ApiCorsOptions) {
    const { stack, keys } = stackWithImportedKeys();
    const api = new RestApi(stack, 'Api', { defaultMethodOptions: { authorizer: keys.restAuthorizer() } });
    api.root.addMethod('GET', new MockIntegration());
    ApiCors.addToRestApi(api, options);
    api.root.addResource('orders').addResource('{id}').addMethod('ANY', new MockIntegration());
    return Template.fromStack(stack);
  }

  it('adds the headers to the error responses that API Gateway itself makes', () => {
    const template = restApi({ allowOrigin: ORIGIN });
    for (const ResponseType of ['DEFAULT_4XX', 'DEFAULT_5XX'])
      template.hasResourceProperties('AWS::ApiGateway::GatewayResponse', {
        ResponseType,
        ResponseParameters: {
          'gatewayresponse.header.Access-Control-Allow-Origin': `'${ORIGIN}'`,
          'gatewayresponse.header.Access-Control-Expose-Headers': "'RateLimit,RateLimit-Policy,Retry-After'",
          'gatewayresponse.header.Vary': "'Origin'",
        },
      });
  });

  it('responds to preflight requests without authorization on every resource, including later ones', () => {
    const template = restApi({ allowOrigin: ORIGIN });
    const preflights = methodsOf(template, 'OPTIONS');
    expect(preflights).toHaveLength(3);
    for (const preflight of preflights) {
      expect(preflight).toMatchObject({ AuthorizationType: 'NONE', Integration: { Type: 'MOCK' } });
      expect(JSON.stringify(preflight)).toContain(`"method.response.header.Access-Control-Allow-Origin":"'${ORIGIN}'"`);
    }
    for (const method of [...methodsOf(template, 'GET'), ...methodsOf(template, 'ANY')])
      expect(method).toMatchObject({ AuthorizationType: 'CUSTOM' });
  });

  it('keeps the OPTIONS methods that the API already has', () => {
    const { stack, keys } = stackWithImportedKeys();
    const api = new LambdaRestApi(stack, 'Api', {
      handler: someFunction(stack),
      defaultMethodOptions: { authorizer: keys.restAuthorizer() },
      defaultCorsPreflightOptions: { allowOrigins: [ORIGIN] },
    });
    ApiCors.addToRestApi(api, { allowOrigin: ORIGIN });
    expect(methodsOf(Template.fromStack(stack), 'OPTIONS')).toHaveLength(2);
  });

  it('allows the headers of the key, and exposes the headers of the options', () => {
    const text = JSON.stringify(
      methodsOf(
        restApi({ allowOrigin: '*', allowHeaders: ['X-Acme-Key'], exposeHeaders: ['X-Request-Id'] }),
        'OPTIONS',
      ),
    );
    expect(text).toContain(`"method.response.header.Access-Control-Allow-Headers":"'X-Acme-Key'"`);
    expect(text).toContain(`"method.response.header.Access-Control-Expose-Headers":"'X-Request-Id'"`);
    expect(text).not.toContain('Vary');
  });
});

describe('CORS on an HTTP API', () => {
  it('CORS on an HTTP API is configured on the API, with OPTIONS routes that need no key', () => {
    const { stack, keys } = stackWithImportedKeys();
    const integration = new HttpLambdaIntegration('Integration', someFunction(stack));
    const api = new HttpApi(stack, 'Api', {
      defaultIntegration: integration,
      defaultAuthorizer: keys.httpAuthorizer(),
    });
    ApiCors.addToHttpApi(api, integration, { allowOrigin: ORIGIN });
    const template = Template.fromStack(stack);
    expect(only(template, 'AWS::ApiGatewayV2::Api')['CorsConfiguration']).toMatchObject({
      AllowOrigins: [ORIGIN],
      AllowMethods: ['*'],
      AllowHeaders: expect.arrayContaining(['X-Api-Key']) as string[],
      ExposeHeaders: ['RateLimit', 'RateLimit-Policy', 'Retry-After'],
    });
    for (const RouteKey of ['OPTIONS /', 'OPTIONS /{proxy+}'])
      template.hasResourceProperties('AWS::ApiGatewayV2::Route', { RouteKey, AuthorizationType: 'NONE' });
    template.hasResourceProperties('AWS::ApiGatewayV2::Route', {
      RouteKey: '$default',
      AuthorizationType: 'CUSTOM',
      AuthorizerId: Match.anyValue(),
    });
  });
});

it.each([
  'app.example.com',
  'https://app.example.com/',
  'https://app.example.com/path',
  'https://*.example.com, *',
  "'",
])('rejects %j, which is not an origin', (allowOrigin) => {
  const api = new RestApi(new Stack(testApp(), 'Stack'), 'Api');
  expect(() => {
    ApiCors.addToRestApi(api, { allowOrigin });
  }).toThrow(`allowOrigin is "${allowOrigin}". Use an origin without a path`);
});
