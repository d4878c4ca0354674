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
import type { IApiKeys } from './i-api-keys.ts';
import { builtConsole } from './bundle.ts';
import type { Usage } from './usage.ts';
import { vendedLogGroup } from './vended-log-group.ts';

/** Properties of {@link AdminConsole}. */
export interface AdminConsoleProps {
  /** The keys that the console manages. */
  readonly keys: IApiKeys;
  /**
   * The usage counters that the console shows.
   *
   * @default the console shows no usage
   */
  readonly usage?: Usage;
  /**
   * The fields of the keys' metadata that the console shows as columns and form fields: a JSON Schema of an object without
   * nested objects, such as `z.toJSONSchema(z.object({ tier: z.enum(['trial', 'premium']) }))`.
   *
   * @default the `attributes` of `keys`; without them, the console shows metadata as JSON
   */
  readonly attributes?: AttributesJsonSchema;
  /**
   * Whether every user must set up an authenticator app as a second factor, or can.
   *
   * @default 'required'
   */
  readonly mfa?: 'required' | 'optional';
  /**
   * The prefix of the sign-in page's domain. It must be unique in the Region, and consist of lower-case letters, digits and
   * dashes.
   *
   * @default `latchkey-`, the account, and a hash of the construct's path
   */
  readonly signInPrefix?: string;
  /**
   * The retention of the API's access log.
   *
   * @default RetentionDays.ONE_YEAR
   */
  readonly logRetention?: RetentionDays;
}

/** The API requires an access token with this scope, so it rejects ID tokens and tokens for other APIs. */
const RESOURCE_SERVER = 'latchkey';
const MANAGE_SCOPE = new ResourceServerScope({ scopeName: 'manage', scopeDescription: 'Manage API keys' });

/**
 * Hosts the admin console: static pages in Amazon S3 behind CloudFront, a Cognito user pool without self sign-up, and an HTTP
 * API under `/api` of the same domain, which accepts the users' access tokens and invokes the management functions.
 *
 * Every user in the user pool can manage all keys. See docs/console.md.
 *
 * @throws {Error} if the console has not been built
 * @example
 * const admin = new AdminConsole(this, 'Console', { keys, usage });
 * new CfnOutput(this, 'ConsoleUrl', { value: admin.url });
 */
export class AdminConsole extends Construct {
  /** The URL of the console. */
  readonly url: string;
  /** The users who can sign in. Add them with `aws cognito-idp admin-create-user`, or connect an identity provider. */
  readonly userPool: UserPool;
  /** The CloudFront distribution, which serves the pages and the API. */
  readonly distribution: Distribution;
  /** The API that the pages call. */
  readonly api: HttpApi;

  constructor(scope: Construct, id: string, props: AdminConsoleProps) {
    super(scope, id);
    this.userPool = operators(this, props.mfa ?? 'required');
    const domain = this.userPool.addDomain('SignIn', {
      cognitoDomain: { domainPrefix: props.signInPrefix ?? defaultPrefix(this) },
    });
    this.api = new HttpApi(this, 'Api', {
      description: 'Manages API keys for the admin console',
      createDefaultStage: false,
    });
    const bucket = pagesBucket(this);
    this.distribution = distribution(this, { bucket, api: this.api, domain });
    this.url = `https://${this.distribution.distributionDomainName}/`;
    const client = signInClient(this.userPool, this.url);

    addLoggedStage(this, this.api, props.logRetention ?? RetentionDays.ONE_YEAR);
    addRoutes(
      this.api,
      (operation) => httpFunctionOf(operation, props),
      new HttpUserPoolAuthorizer('Operators', this.userPool, { userPoolClients: [client] }),
    );
    deployPages(this, bucket, settingsOf(this, props, { client, domain, userPool: this.userPool }));
  }

  /** Adds the stack outputs that an administrator needs to open the console and to add users. */
  addOutputs(): void {
    const stack = Stack.of(this);
    new CfnOutput(stack, 'ConsoleUrl', { value: this.url, description: 'The URL of the admin console' });
    new CfnOutput(stack, 'ConsoleUserPoolId', {
      value: this.userPool.userPoolId,
      description: 'The user pool of the admin console',
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
    // A new deployment doesn't restore the users.
    removalPolicy: RemovalPolicy.RETAIN,
  });
  acknowledge(
    pool,
    {
      id: 'AwsSolutions-COG2',
      reason: 'A second factor is required unless the app sets mfa to optional.',
    },
    {
      id: 'AwsSolutions-COG3',
      reason:
        'Threat protection needs Cognito’s Plus plan, which costs extra. There is no self sign-up, and a second factor is on.',
    },
    { id: 'AwsSolutions-COG8', reason: 'Whether to use the Plus plan is up to the account owner.' },
  );
  return pool;
}

function signInClient(pool: UserPool, url: string): UserPoolClient {
  const server = pool.addResourceServer('Latchkey', { identifier: RESOURCE_SERVER, scopes: [MANAGE_SCOPE] });
  return pool.addClient('Console', {
    // The console runs in browsers, which can't keep a secret. PKCE binds a code to the client that requested it.
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
    reason: 'It contains only public pages. The access log of the API records all management calls.',
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
    comment: 'Admin console for API keys',
    defaultRootObject: 'index.html',
    defaultBehavior: {
      origin: pages,
      viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      cachePolicy: CachePolicy.CACHING_OPTIMIZED,
      responseHeadersPolicy,
    },
    additionalBehaviors: {
      // A file that the pages read before the user has signed in. It must precede the pattern of the API.
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
    { id: 'AwsSolutions-CFR1', reason: 'Operators can work from any country.' },
    {
      id: 'AwsSolutions-CFR2',
      reason: 'Everything but the public pages requires a token. Whether to add a WAF is up to the account owner.',
    },
    { id: 'AwsSolutions-CFR3', reason: 'The API has an access log. The other files are public.' },
    { id: 'AwsSolutions-CFR4', reason: 'CloudFront’s default domain name has a fixed certificate and TLS policy.' },
  );
  return distribution;
}

/**
 * Returns a name for a CloudFront resource. Such names are unique in an account, across Regions. With the Region in the name,
 * the same stack can be deployed in two Regions. The name of an origin access control has at most 64 characters.
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
    comment: 'Security headers of the admin console',
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

/** Adds the routes of the admin API that the console calls, for signed-in users. */
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

/** Adds the stage with its access log, which contains the caller and the route, and nothing that the caller sent. */
function addLoggedStage(scope: Construct, api: HttpApi, retention: RetentionDays): void {
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
    ownerSuspension: keys.operations.includes('suspend'),
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
 * Uploads the pages and their settings with CDK's own function. It is part of the CDK package, so neither a synthesis nor a
 * deployment downloads anything.
 */
function deployPages(scope: Construct, bucket: Bucket, settings: ConsoleSettings): void {
  const built = builtConsole();
  // The deletion of the stack empties the bucket, which otherwise could not be deleted.
  const shared = { destinationBucket: bucket, prune: false, retainOnDelete: false };
  const assets = new BucketDeployment(scope, 'Assets', {
    ...shared,
    sources: [Source.asset(built, { exclude: ['index.html'] })],
    // The file names change with the content.
    cacheControl: [CacheControl.fromString('public, max-age=31536000, immutable')],
  });
  const index = new BucketDeployment(scope, 'Index', {
    ...shared,
    sources: [Source.asset(built, { exclude: ['assets', 'assets/**', 'licenses.md'] })],
    cacheControl: [CacheControl.noCache()],
  });
  // The new page must find the assets that it loads.
  index.node.addDependency(assets);
  new BucketDeployment(scope, 'Settings', {
    ...shared,
    sources: [Source.jsonData('api/settings', settings)],
    contentType: 'application/json',
    cacheControl: [CacheControl.noStore()],
  });
  acknowledgeUploader(assets, bucket);
}

/** Acknowledges what cdk-nag finds in CDK's own function, which the whole stack shares. */
function acknowledgeUploader({ handlerRole }: BucketDeployment, bucket: Bucket): void {
  const uploader = handlerRole.node.scope;
  if (uploader === undefined) return;
  const stack = Stack.of(bucket);
  const placeholder = (token: string, name: string) => (Token.isUnresolved(token) ? `<AWS::${name}>` : token);
  const qualifier = stack.synthesizer.bootstrapQualifier ?? DefaultStackSynthesizer.DEFAULT_QUALIFIER;
  const assets = `cdk-${qualifier}-assets-${placeholder(stack.account, 'AccountId')}-${placeholder(stack.region, 'Region')}`;
  const pages = bucket.node.defaultChild instanceof CfnElement ? stack.getLogicalId(bucket.node.defaultChild) : '';
  const wildcards = [
    ...['s3:GetBucket*', 's3:GetObject*', 's3:List*', 's3:Abort*', 's3:DeleteObject*'].map(
      (action) => `Action::${action}`,
    ),
    `Resource::arn:${placeholder(stack.partition, 'Partition')}:s3:::${assets}/*`,
    `Resource::<${pages}.Arn>/*`,
  ];
  acknowledge(
    uploader,
    ...wildcards.map((wildcard) => ({
      id: `AwsSolutions-IAM5[${wildcard}]`,
      reason:
        'CDK’s function copies files from the assets bucket to the bucket of the pages, and empties it when the stack is deleted.',
    })),
    {
      id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]',
      reason: 'CDK’s function runs during deployments only, and CDK defines its role.',
    },
    { id: 'AwsSolutions-L1', reason: 'CDK chooses the runtime of its function.' },
  );
}

function defaultPrefix(scope: Construct): string {
  return `latchkey-${Stack.of(scope).account}-${Names.nodeUniqueId(scope.node).slice(-8).toLowerCase()}`;
}
