import { Stack, Validations, type App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';
import { ApiKeys } from '../../../cdk/api-keys.ts';
import { AdminConsole, type AdminConsoleProps } from '../../../cdk/console.ts';
import { LatchkeyStack } from '../../../cdk/latchkey-stack.ts';
import { Usage } from '../../../cdk/usage.ts';
import { contentSecurityPolicy } from '../../../console/hosting/headers.ts';
import { permissionsOf } from './permissions.ts';
import { idOf, only, resourcesOf, testApp } from '../../support/cdk/synth.ts';

function consoleIn(app: App, props: Partial<AdminConsoleProps> = {}): Stack {
  const stack = new Stack(app, 'Consumer');
  const keys = props.keys ?? new ApiKeys(stack, 'Keys', { plans: { free: { rate: '1/s' } } });
  new AdminConsole(stack, 'Console', { keys, usage: new Usage(stack, 'Usage', { keys }), ...props });
  return stack;
}

const template = Template.fromStack(consoleIn(testApp()));

const all = (type: string) =>
  Object.values(resourcesOf(template)).flatMap(({ Type, Properties = {} }) => (Type === type ? [Properties] : []));

describe('the API of the hosted console', () => {
  it('the API of the hosted console has only the routes that the console calls, and requires an access token with its scope', () => {
    const routes = all('AWS::ApiGatewayV2::Route');
    expect(routes.map(({ RouteKey }) => RouteKey).sort()).toEqual([
      'GET /api/keys',
      'GET /api/keys/{prefix}',
      'GET /api/keys/{prefix}/usage',
      'PATCH /api/keys/{prefix}',
      'POST /api/keys',
      'POST /api/keys/{prefix}/revoke',
      'POST /api/keys/{prefix}/rotate',
      'POST /api/verify',
    ]);
    for (const route of routes)
      expect(route).toMatchObject({ AuthorizationType: 'JWT', AuthorizationScopes: ['latchkey/manage'] });
  });

  it('the API of the hosted console has the routes of owners if they can be suspended', () => {
    const stack = new Stack(testApp(), 'Suspending');
    const keys = new ApiKeys(stack, 'Keys', { ownerSuspension: true });
    new AdminConsole(stack, 'Console', { keys });
    const routes = Object.values(resourcesOf(Template.fromStack(stack))).flatMap(({ Type, Properties = {} }) =>
      Type === 'AWS::ApiGatewayV2::Route' ? [Properties['RouteKey']] : [],
    );
    expect(routes).toEqual(
      expect.arrayContaining([
        'GET /api/owners/{ownerId}',
        'POST /api/owners/{ownerId}/suspend',
        'POST /api/owners/{ownerId}/resume',
      ]),
    );
  });

  it('accepts only access tokens of its user pool for the console’s client', () => {
    expect(only(template, 'AWS::ApiGatewayV2::Authorizer')).toMatchObject({
      AuthorizerType: 'JWT',
      IdentitySource: ['$request.header.Authorization'],
      JwtConfiguration: { Audience: [{ Ref: idOf('ConsoleOperatorsConsole') }] },
    });
  });

  it('allows no cross-origin requests', () => {
    expect(only(template, 'AWS::ApiGatewayV2::Api')).not.toHaveProperty('CorsConfiguration');
  });

  it('names its log group under /aws/vendedlogs/, so that it doesn’t use up the account’s resource policy', () => {
    const { DestinationArn } = only(template, 'AWS::ApiGatewayV2::Stage')['AccessLogSettings'] as {
      DestinationArn: { 'Fn::GetAtt': [string, string] };
    };
    const { Properties } = resourcesOf(template)[DestinationArn['Fn::GetAtt'][0]] ?? {};
    expect(JSON.stringify(Properties?.['LogGroupName'])).toContain('"/aws/vendedlogs/latchkey/');
  });

  it('puts the Region into the names of CloudFront resources, which are unique per account', () => {
    const names = [
      only(template, 'AWS::CloudFront::ResponseHeadersPolicy')['ResponseHeadersPolicyConfig'],
      only(template, 'AWS::CloudFront::OriginAccessControl')['OriginAccessControlConfig'],
    ].map((config) => (config as { Name: unknown }).Name);
    for (const name of names) expect(JSON.stringify(name)).toMatch(/"Ref":"AWS::Region"|us-east-1/);
  });

  it('logs the caller and the route, but not the content of requests', () => {
    const { AccessLogSettings } = only(template, 'AWS::ApiGatewayV2::Stage') as {
      AccessLogSettings: { Format: string };
    };
    expect(Object.values(JSON.parse(AccessLogSettings.Format) as object).sort()).toEqual([
      '$context.authorizer.claims.sub',
      '$context.error.responseType',
      '$context.identity.sourceIp',
      '$context.requestId',
      '$context.requestTime',
      '$context.responseLatency',
      '$context.routeKey',
      '$context.status',
    ]);
  });
});

describe('sign-in', () => {
  it('sign-in is limited to users that an administrator has created, with a second factor', () => {
    expect(only(template, 'AWS::Cognito::UserPool')).toMatchObject({
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
      MfaConfiguration: 'ON',
      EnabledMfas: ['SOFTWARE_TOKEN_MFA'],
      Policies: { PasswordPolicy: { MinimumLength: 12 } },
    });
    const optional = Template.fromStack(consoleIn(testApp(), { mfa: 'optional' }));
    expect(only(optional, 'AWS::Cognito::UserPool')).toMatchObject({ MfaConfiguration: 'OPTIONAL' });
    template.hasResource('AWS::Cognito::UserPool', { DeletionPolicy: 'Retain' });
  });

  it('uses an authorization code without a client secret, and redirects only to the console', () => {
    const client = only(template, 'AWS::Cognito::UserPoolClient');
    const home = { 'Fn::Join': ['', ['https://', { 'Fn::GetAtt': [idOf('ConsoleDistribution'), 'DomainName'] }, '/']] };
    expect(client).toMatchObject({
      AllowedOAuthFlows: ['code'],
      GenerateSecret: false,
      CallbackURLs: [home],
      AccessTokenValidity: 15,
      PreventUserExistenceErrors: 'ENABLED',
    });
  });
});

describe('the pages', () => {
  it('the pages are served from a private bucket through CloudFront over HTTPS', () => {
    expect(only(template, 'AWS::S3::Bucket', 'Console')).toMatchObject({
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
    const { DistributionConfig } = only(template, 'AWS::CloudFront::Distribution') as {
      DistributionConfig: {
        DefaultCacheBehavior: object;
        CacheBehaviors: { PathPattern: string; ViewerProtocolPolicy: string; ResponseHeadersPolicyId: unknown }[];
      };
    };
    const policy = { Ref: idOf('ConsoleHeaders') };
    expect(DistributionConfig.DefaultCacheBehavior).toMatchObject({
      ViewerProtocolPolicy: 'redirect-to-https',
      ResponseHeadersPolicyId: policy,
    });
    // The settings are a file, so their path must come before `api/*`.
    expect(DistributionConfig.CacheBehaviors.map(({ PathPattern }) => PathPattern)).toEqual(['api/settings', 'api/*']);
    for (const behaviour of DistributionConfig.CacheBehaviors)
      expect(behaviour).toMatchObject({ ViewerProtocolPolicy: 'https-only', ResponseHeadersPolicyId: policy });
  });

  it('the pages have the local console’s security policy, which also allows the token endpoint', () => {
    const { ResponseHeadersPolicyConfig: config } = only(template, 'AWS::CloudFront::ResponseHeadersPolicy') as {
      ResponseHeadersPolicyConfig: {
        SecurityHeadersConfig: {
          ContentSecurityPolicy: { ContentSecurityPolicy: { 'Fn::Join': [string, unknown[]] } };
        };
      };
    };
    const [, parts] = config.SecurityHeadersConfig.ContentSecurityPolicy.ContentSecurityPolicy['Fn::Join'];
    const text = parts.map((part) => (typeof part === 'string' ? part : '<token>')).join('');
    expect(text).toBe(
      contentSecurityPolicy().replace(
        "connect-src 'self'",
        "connect-src 'self' https://<token>.auth.<token>.amazoncognito.com",
      ),
    );
    expect(config.SecurityHeadersConfig).toMatchObject({
      FrameOptions: { FrameOption: 'DENY' },
      ContentTypeOptions: { Override: true },
      StrictTransportSecurity: { AccessControlMaxAgeSec: 31_536_000 },
    });
  });

  it('the pages are deleted with the stack, and updated after the assets that they use', () => {
    const deployments = Object.entries(resourcesOf(template)).filter(
      ([, { Type }]) => Type === 'Custom::CDKBucketDeployment',
    );
    expect(deployments).toHaveLength(3);
    for (const [, { Properties }] of deployments)
      expect(Properties).toMatchObject({ RetainOnDelete: false, Prune: false });
    template.hasResource('Custom::CDKBucketDeployment', {
      Properties: { SystemMetadata: { 'cache-control': 'no-cache' } },
      DependsOn: Match.arrayWith([Match.stringLikeRegexp('^ConsoleAssets')]),
    });
    template.hasResourceProperties('Custom::CDKBucketDeployment', {
      SystemMetadata: { 'cache-control': 'no-store', 'content-type': 'application/json' },
    });
  });
});

it('adds no permissions to the management functions, and allows its upload function only to copy the pages', () => {
  const without = permissionsOf(Template.fromStack(new LatchkeyStack(testApp(), 'Latchkey')));
  const withConsole = permissionsOf(Template.fromStack(new LatchkeyStack(testApp(), 'Latchkey', { console: true })));
  const added = Object.keys(withConsole).filter((role) => !(role in without));
  expect(added).toHaveLength(1);
  expect(added[0]).toMatch(/^CustomCDKBucketDeployment/);
  for (const [role, permissions] of Object.entries(without)) expect(withConsole[role], role).toEqual(permissions);
  const uploaded = withConsole[String(added[0])]?.flatMap(({ resources }) => resources) ?? [];
  for (const resource of uploaded) expect(resource).toMatch(/^\[ConsolePages\.Arn\]|-assets-/);
});

it('passes cdk-nag, with and without a fixed account and Region', () => {
  for (const fill of [
    (app: App) => new LatchkeyStack(app, 'Latchkey', { console: true }),
    (app: App) =>
      new LatchkeyStack(app, 'There', { console: true, env: { account: '123456789012', region: 'eu-west-1' } }),
    (app: App) => consoleIn(app, { mfa: 'optional', signInPrefix: 'acme-keys' }),
  ]) {
    const app = testApp();
    fill(app);
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    expect(() => app.synth()).not.toThrow();
  }
});
