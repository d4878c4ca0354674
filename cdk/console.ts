import {
  CfnElement,
  CfnOutput,
  DefaultStackSynthesizer,
  Duration,
  Names,
  RemovalPolicy,
  Stack,
  Token,
} from 'aws-cdk-lib';
import {
  HttpApi,
  HttpMethod,
  HttpStage,
  LogGroupLogDestination,
  type HttpRouteProps,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpUserPoolAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  AllowedMethods,
  CachePolicy,
  Distribution,
  HeadersFrameOption,
  HeadersReferrerPolicy,
  OriginRequestPolicy,
  ResponseHeadersPolicy,
  S3OriginAccessControl,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { HttpOrigin, S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import {
  AccountRecovery,
  Mfa,
  OAuthScope,
  ResourceServerScope,
  UserPool,
  type UserPoolClient,
  type UserPoolDomain,
} from 'aws-cdk-lib/aws-cognito';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { BucketDeployment, CacheControl, Source } from 'aws-cdk-lib/aws-s3-deployment';
import { Construct } from 'constructs';
import { contentSecurityPolicy, PERMISSIONS_POLICY } from '../console/hosting/headers.ts';
import type { AttributesJsonSchema } from '../src/core/attributes/attributes.ts';
import type { ConsoleSettings } from '../console/hosting/settings.ts';
import { CONSOLE_ROUTES, type OperationName } from '../src/management/operations.ts';
import { acknowledge } from './acknowledge.ts';
import { httpFunctionOf } from './admin-api.ts';
import type { ApiKeys } from './api-keys.ts';
import { builtConsole } from './bundle.ts';
import type { Usage } from './usage.ts';
import { vendedLogGroup } from './vended-log-group.ts';

export interface AdminConsoleProps {
  readonly keys: ApiKeys;
  /**
   * Where usage is counted, to show it.
   *
   * @default no usage is shown
   */
  readonly usage?: Usage;
  /**
   * The deployment's own columns and fields, kept in the keys' metadata: a flat JSON Schema object, such as
   * `z.toJSONSchema(z.object({ tier: z.enum(['trial', 'premium']) }))`.
   *
   * @default the `attributes` of `keys`; without any, metadata is shown as it is
   */
  readonly attributes?: AttributesJsonSchema;
  /**
   * Whether everybody must have a second factor, an authenticator app, or may.
   *
   * @default 'required'
   */
  readonly mfa?: 'required' | 'optional';
  /**
   * The first part of the sign-in page's address, unique in the Region: lower-case letters, digits and dashes.
   *
   * @default `latchkey-`, the account and some letters
   */
  readonly signInPrefix?: string;
  /**
   * How long the access log of the API is kept.
   *
   * @default RetentionDays.ONE_YEAR
   */
  readonly logRetention?: RetentionDays;
}

/** What an access token must be for, so that an ID token, or a token for something else, opens nothing. */
const RESOURCE_SERVER = 'latchkey';
const MANAGE_SCOPE = new ResourceServerScope({ scopeName: 'manage', scopeDescription: 'Manage API keys' });

/**
 * The admin console, hosted: static pages in S3 behind CloudFront, people in a Cognito user pool without self sign-up,
 * and under the same address `/api`, an HTTP API that takes their access tokens and calls the management functions.
 *
 * Whoever has an account in the user pool may do everything with the keys. See docs/console.md.
 *
 * @throws {Error} if the console has not been built
 * @example
 * const admin = new AdminConsole(this, 'Console', { keys, usage });
 * new CfnOutput(this, 'ConsoleUrl', { value: admin.url });
 */
export class AdminConsole extends Construct {
  /** Where it is. */
  readonly url: string;
  /** Who may sign in: add its users with `aws cognito-idp admin-create-user`, or connect a provider of your own. */
  readonly userPool: UserPool;
  readonly distribution: Distribution;
  readonly api: HttpApi;

  constructor(scope: Construct, id: string, props: AdminConsoleProps) {
    super(scope, id);
    this.userPool = operators(this, props.mfa ?? 'required');
    const domain = this.userPool.addDomain('SignIn', {
      cognitoDomain: { domainPrefix: props.signInPrefix ?? defaultPrefix(this) },
    });
    this.api = new HttpApi(this, 'Api', {
      description: 'Manages API keys, for their console',
      createDefaultStage: false,
    });
    const bucket = pagesBucket(this);
    this.distribution = distribution(this, { bucket, api: this.api, domain });
    this.url = `https://${this.distribution.distributionDomainName}/`;
    const client = signInClient(this.userPool, this.url);

    logged(this, this.api, props.logRetention ?? RetentionDays.ONE_YEAR);
    addRoutes(
      this.api,
      (operation) => httpFunctionOf(operation, props),
      new HttpUserPoolAuthorizer('Operators', this.userPool, { userPoolClients: [client] }),
    );
    deployPages(this, bucket, settingsOf(this, props, { client, domain, userPool: this.userPool }));
  }

  /** Puts out of the stack what is needed next. */
  addOutputs(): void {
    const stack = Stack.of(this);
    new CfnOutput(stack, 'ConsoleUrl', { value: this.url, description: 'The admin console' });
    new CfnOutput(stack, 'ConsoleUserPoolId', {
      value: this.userPool.userPoolId,
      description: 'Who may sign in to it',
    });
  }
}

function operators(scope: Construct, mfa: 'required' | 'optional'): UserPool {
  const pool = new UserPool(scope, 'Operators', {
    selfSignUpEnabled: false,
    signInAliases: { email: true },
    accountRecovery: AccountRecovery.EMAIL_ONLY,
    mfa: mfa === 'required' ? Mfa.REQUIRED : Mfa.OPTIONAL,
    mfaSecondFactor: { otp: true, sms: false },
    passwordPolicy: {
      minLength: 12,
      requireDigits: true,
      requireLowercase: true,
      requireSymbols: true,
      requireUppercase: true,
      tempPasswordValidity: Duration.days(3),
    },
    // Accounts are not made again by deploying again.
    removalPolicy: RemovalPolicy.RETAIN,
  });
  acknowledge(
    pool,
    {
      id: 'AwsSolutions-COG2',
      reason: 'A second factor is required unless the owner has chosen otherwise.',
    },
    {
      id: 'AwsSolutions-COG3',
      reason:
        'Threat protection needs Cognito’s Plus plan, which is its owner’s choice; there is no self sign-up, and a second factor.',
    },
    { id: 'AwsSolutions-COG8', reason: 'As above: the Plus plan is its owner’s choice.' },
  );
  return pool;
}

function signInClient(pool: UserPool, url: string): UserPoolClient {
  const server = pool.addResourceServer('Latchkey', { identifier: RESOURCE_SERVER, scopes: [MANAGE_SCOPE] });
  return pool.addClient('Console', {
    // It runs in browsers, which keep no secret: PKCE ties a code to who has asked for it.
    generateSecret: false,
    preventUserExistenceErrors: true,
    enableTokenRevocation: true,
    accessTokenValidity: Duration.minutes(15),
    idTokenValidity: Duration.minutes(15),
    refreshTokenValidity: Duration.hours(12),
    oAuth: {
      flows: { authorizationCodeGrant: true },
      scopes: [OAuthScope.OPENID, OAuthScope.EMAIL, OAuthScope.resourceServer(server, MANAGE_SCOPE)],
      callbackUrls: [url],
      logoutUrls: [`${url}?signed-out`],
    },
  });
}

function pagesBucket(scope: Construct): Bucket {
  const bucket = new Bucket(scope, 'Pages', {
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    encryption: BucketEncryption.S3_MANAGED,
    enforceSSL: true,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  acknowledge(bucket, {
    id: 'AwsSolutions-S1',
    reason: 'It holds the built pages, which anybody may have; who calls what is in the access log of the API.',
  });
  return bucket;
}

interface DistributionParts {
  readonly bucket: Bucket;
  readonly api: HttpApi;
  readonly domain: UserPoolDomain;
}

function distribution(scope: Construct, { bucket, api, domain }: DistributionParts): Distribution {
  const { region, urlSuffix } = Stack.of(scope);
  const responseHeadersPolicy = securityHeaders(scope, domain);
  const pages = S3BucketOrigin.withOriginAccessControl(bucket, {
    originAccessControl: new S3OriginAccessControl(scope, 'OriginAccess', {
      originAccessControlName: cloudFrontName(scope),
    }),
  });
  const distribution = new Distribution(scope, 'Distribution', {
    comment: 'The admin console of API keys',
    defaultRootObject: 'index.html',
    defaultBehavior: {
      origin: pages,
      viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      cachePolicy: CachePolicy.CACHING_OPTIMIZED,
      responseHeadersPolicy,
    },
    additionalBehaviors: {
      // Before the rest of the API: a file, which the pages read before anybody has signed in.
      'api/settings': {
        origin: pages,
        viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
        cachePolicy: CachePolicy.CACHING_DISABLED,
        responseHeadersPolicy,
      },
      'api/*': {
        origin: new HttpOrigin(`${api.apiId}.execute-api.${region}.${urlSuffix}`),
        viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
        allowedMethods: AllowedMethods.ALLOW_ALL,
        cachePolicy: CachePolicy.CACHING_DISABLED,
        originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
        responseHeadersPolicy,
      },
    },
  });
  acknowledge(
    distribution,
    { id: 'AwsSolutions-CFR1', reason: 'From where operators work is theirs to say.' },
    { id: 'AwsSolutions-CFR2', reason: 'Nothing past the pages answers without a token; a WAF is its owner’s choice.' },
    { id: 'AwsSolutions-CFR3', reason: 'The API has an access log; the rest are public files.' },
    { id: 'AwsSolutions-CFR4', reason: 'CloudFront’s own domain name comes with its own certificate and TLS policy.' },
  );
  return distribution;
}

/**
 * Names a resource of CloudFront, whose names are unique in an account and not in a Region: with the Region in the name, the same
 * stack can be deployed in two Regions. An origin access control's name has at most 64 characters.
 */
function cloudFrontName(scope: Construct): string {
  return `${Names.uniqueResourceName(scope, { maxLength: 40, separator: '-' })}-${Stack.of(scope).region}`;
}

function securityHeaders(scope: Construct, domain: UserPoolDomain): ResponseHeadersPolicy {
  const customHeaders = {
    'Permissions-Policy': PERMISSIONS_POLICY,
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
  };
  return new ResponseHeadersPolicy(scope, 'Headers', {
    responseHeadersPolicyName: cloudFrontName(scope),
    comment: 'The security headers of the admin console',
    securityHeadersBehavior: {
      contentSecurityPolicy: {
        contentSecurityPolicy: contentSecurityPolicy({ connect: [domain.baseUrl()] }),
        override: true,
      },
      contentTypeOptions: { override: true },
      frameOptions: { frameOption: HeadersFrameOption.DENY, override: true },
      referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.NO_REFERRER, override: true },
      strictTransportSecurity: { accessControlMaxAge: Duration.days(365), includeSubdomains: true, override: true },
    },
    customHeadersBehavior: {
      customHeaders: Object.entries(customHeaders).map(([header, value]) => ({ header, value, override: true })),
    },
  });
}

/** The routes of the admin API that the console calls, for whoever has signed in. */
function addRoutes(
  api: HttpApi,
  functionOf: (operation: OperationName) => IFunction | undefined,
  authorizer: HttpRouteProps['authorizer'],
): void {
  const integrations = new Map<IFunction, HttpLambdaIntegration>();
  for (const { method, path, operation, functionName } of CONSOLE_ROUTES) {
    const target = functionOf(operation);
    if (target === undefined) continue;
    const integration = integrations.get(target) ?? new HttpLambdaIntegration(functionName, target);
    integrations.set(target, integration);
    api.addRoutes({
      path: `/api${path}`,
      methods: [HttpMethod[method]],
      integration,
      ...(authorizer === undefined ? {} : { authorizer }),
      authorizationScopes: [`${RESOURCE_SERVER}/${MANAGE_SCOPE.scopeName}`],
    });
  }
}

/** Who called what and when; nothing of what was sent. */
function logged(scope: Construct, api: HttpApi, retention: RetentionDays): void {
  const entry = {
    requestId: '$context.requestId',
    time: '$context.requestTime',
    ip: '$context.identity.sourceIp',
    caller: '$context.authorizer.claims.sub',
    route: '$context.routeKey',
    status: '$context.status',
    latencyMs: '$context.responseLatency',
    error: '$context.error.responseType',
  };
  new HttpStage(scope, 'Stage', {
    httpApi: api,
    stageName: '$default',
    autoDeploy: true,
    accessLogSettings: {
      destination: new LogGroupLogDestination(vendedLogGroup(scope, 'AccessLog', retention)),
      format: AccessLogFormat.custom(JSON.stringify(entry)),
    },
  });
}

function settingsOf(
  scope: Construct,
  { keys, usage, attributes = keys.attributes }: AdminConsoleProps,
  { client, domain, userPool }: { client: UserPoolClient; domain: UserPoolDomain; userPool: UserPool },
): ConsoleSettings {
  const { stackName, region } = Stack.of(scope);
  const signIn = domain.baseUrl();
  return {
    stackName,
    region,
    label: keys.label,
    plans: keys.plans,
    restrictions: keys.restrictions,
    attributes,
    readOnly: keys.readOnly,
    usage: usage !== undefined,
    signIn: {
      issuer: userPool.userPoolProviderUrl,
      clientId: client.userPoolClientId,
      scope: `openid email ${RESOURCE_SERVER}/${MANAGE_SCOPE.scopeName}`,
      authorizationEndpoint: `${signIn}/oauth2/authorize`,
      tokenEndpoint: `${signIn}/oauth2/token`,
      logoutEndpoint: `${signIn}/logout`,
    },
  };
}

/**
 * Uploads the pages and their settings, with the function that CDK brings for it. It is in CDK's own package: neither
 * a synth nor a deployment fetches anything.
 */
function deployPages(scope: Construct, bucket: Bucket, settings: ConsoleSettings): void {
  const built = builtConsole();
  // The stack's deletion empties the bucket, which could not be deleted else.
  const shared = { destinationBucket: bucket, prune: false, retainOnDelete: false };
  const assets = new BucketDeployment(scope, 'Assets', {
    ...shared,
    sources: [Source.asset(built, { exclude: ['index.html'] })],
    // Their names change with their content.
    cacheControl: [CacheControl.fromString('public, max-age=31536000, immutable')],
  });
  const index = new BucketDeployment(scope, 'Index', {
    ...shared,
    sources: [Source.asset(built, { exclude: ['assets', 'assets/**', 'licenses.md'] })],
    cacheControl: [CacheControl.noCache()],
  });
  // Whoever has the new page finds what it asks for.
  index.node.addDependency(assets);
  new BucketDeployment(scope, 'Settings', {
    ...shared,
    sources: [Source.jsonData('api/settings', settings)],
    contentType: 'application/json',
    cacheControl: [CacheControl.noStore()],
  });
  acknowledgeUploader(assets, bucket);
}

/** What cdk-nag finds in CDK's own function, one for the whole stack. */
function acknowledgeUploader({ handlerRole }: BucketDeployment, bucket: Bucket): void {
  const uploader = handlerRole.node.scope;
  if (uploader === undefined) return;
  const stack = Stack.of(bucket);
  const shown = (token: string, name: string) => (Token.isUnresolved(token) ? `<AWS::${name}>` : token);
  const qualifier = stack.synthesizer.bootstrapQualifier ?? DefaultStackSynthesizer.DEFAULT_QUALIFIER;
  const assets = `cdk-${qualifier}-assets-${shown(stack.account, 'AccountId')}-${shown(stack.region, 'Region')}`;
  const pages = bucket.node.defaultChild instanceof CfnElement ? stack.getLogicalId(bucket.node.defaultChild) : '';
  const wildcards = [
    ...['s3:GetBucket*', 's3:GetObject*', 's3:List*', 's3:Abort*', 's3:DeleteObject*'].map(
      (action) => `Action::${action}`,
    ),
    `Resource::arn:${shown(stack.partition, 'Partition')}:s3:::${assets}/*`,
    `Resource::<${pages}.Arn>/*`,
  ];
  acknowledge(
    uploader,
    ...wildcards.map((wildcard) => ({
      id: `AwsSolutions-IAM5[${wildcard}]`,
      reason:
        'CDK’s own function copies files from the bucket of CDK’s assets to that of the pages, and empties it at the end.',
    })),
    {
      id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]',
      reason: 'CDK’s own function runs on deployments alone, and its role is CDK’s.',
    },
    { id: 'AwsSolutions-L1', reason: 'Which runtime CDK’s own function runs on is up to CDK.' },
  );
}

function defaultPrefix(scope: Construct): string {
  return `latchkey-${Stack.of(scope).account}-${Names.nodeUniqueId(scope.node).slice(-8).toLowerCase()}`;
}
