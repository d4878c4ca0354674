import { AspectPriority, Aspects, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import type { IAuthorizer } from 'aws-cdk-lib/aws-apigateway';
import type { IHttpRouteAuthorizer, IWebSocketRouteAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2';
import type { ITable, ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { Function, IFunction } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays, type ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { AttributesJsonSchema } from '../src/core/attributes/attributes.ts';
import type { Plans } from '../src/core/limits/limits.ts';
import type { EnforcedRestriction } from '../src/core/restrictions/restrictions.ts';
import type { ApiStage } from '../src/gateway/api-stage.ts';
import {
  AUTHORIZER_TIMEOUT_MS,
  DEFAULT_SECRET_SCANNING_SETTINGS,
  toEnvironment,
  type AuthorizerSettings,
  type ManagementSettings,
  type SecretScanningSettings,
} from '../src/gateway/settings.ts';
import {
  AUTHORIZER_OUTPUT,
  definitionOf,
  functionOutput,
  TABLE_OUTPUT,
  type KeyOperation,
} from '../src/management/operations.ts';
import type { ApiKeysProps } from './api-keys-props.ts';
import { authorizerSettingsOf, managementSettingsOf, memorySizeOf } from './api-keys-settings.ts';
import { authorizerCaching, type AuthorizerCaching } from './authorizer-caching.ts';
import { Authorizers } from './authorizers.ts';
import { FlushOnRevoke } from './flush-on-revoke.ts';
import { httpAlias } from './http-alias.ts';
import type { IApiKeys, IApiKeysAuthorizers } from './i-api-keys.ts';
import { ImportedApiKeys, type ApiKeysAttributes } from './imported-api-keys.ts';
import { KeysTable } from './keys-table.ts';
import { refuseSameKindTwice } from './kinds.ts';
import { LatchkeyFunction, type FunctionOptions } from './latchkey-function.ts';
import { managementFunctions } from './management-functions.ts';
import { statementsFor } from './table-access.ts';

/**
 * API keys for the APIs of an app: a table, a Lambda authorizer, and a function for each management operation.
 *
 * @throws {Error} if a prop is not valid; the message names the prop and what it accepts
 * @example
 * const keys = new ApiKeys(this, 'Keys', { label: 'acme_live' });
 * new LambdaRestApi(this, 'Api', { handler, defaultMethodOptions: { authorizer: keys.restAuthorizer() } });
 * keys.grantCreate(signUpFunction);
 */
export class ApiKeys extends Construct implements IApiKeys {
  /**
   * Imports the authorizer of keys in another app or account, to protect an API with it.
   *
   * API Gateway must be allowed to invoke the function. In the same account and Region this happens automatically, if the
   * stack knows its account or `sameEnvironment` is true. For another account, add the permission in the app of the keys:
   * see docs/cross-stack.md.
   *
   * @param attrs the props that determine how API Gateway caches results must have the same values as those of the keys
   * @throws {Error} if the ARN is not that of a function, or a prop is not valid
   * @example
   * const keys = ApiKeys.fromApiKeysAttributes(this, 'Keys', {
   *   authorizerFunctionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:acme-authorizer',
   *   keySources: [{ header: 'authorization', scheme: 'Bearer' }],
   * });
   * new LambdaRestApi(this, 'Api', { handler, defaultMethodOptions: { authorizer: keys.restAuthorizer() } });
   */
  static fromApiKeysAttributes(scope: Construct, id: string, attrs: ApiKeysAttributes): IApiKeysAuthorizers {
    return new ImportedApiKeys(scope, id, attrs);
  }

  /**
   * Imports the authorizer of keys that use the default key source, restrictions and cache TTL. See
   * {@link fromApiKeysAttributes}.
   */
  static fromAuthorizerFunctionArn(scope: Construct, id: string, authorizerFunctionArn: string): IApiKeysAuthorizers {
    return new ImportedApiKeys(scope, id, { authorizerFunctionArn });
  }

  /** The table that stores the keys. */
  readonly table: ITable | ITableV2;
  /** The first part of every key. */
  readonly label: string;
  /** The named limits that keys can share. */
  readonly plans: Plans;
  /** The restrictions that keys can have, in addition to stages and validity times. */
  readonly restrictions: readonly EnforcedRestriction[];
  /** Whether the functions only read keys, because the table is a replica. */
  readonly readOnly: boolean;
  /** The JSON Schema that `metadata` must match; `undefined` if any metadata is accepted. */
  readonly attributes: AttributesJsonSchema | undefined;
  /** Whether the authorizer returns the usage identifier key that usage plans need. */
  readonly usagePlans: boolean;
  /** The options of all functions of these keys. */
  readonly functionOptions: FunctionOptions;
  /**
   * The function that API Gateway invokes to authorize a request. Add the environment variables and permissions that your
   * `authorizerEntry` needs.
   */
  readonly authorizerFunction: Function;
  /** How long API Gateway caches an authorization result; 0 if it caches none. */
  readonly cacheTtl: Duration;
  /** The log group of the authorizer. It receives one line for each decision. */
  readonly authorizerLogGroup: ILogGroup;
  /** The operations that have a function: without `ownerSuspension`, all but `owner`, `suspend` and `resume`. */
  readonly operations: readonly KeyOperation[];
  /**
   * The management functions, for direct invocation. The whole payload is the operation's input. For HTTP use an
   * `AdminApi`, or {@link httpFunction} with your own API.
   *
   * Reading the function of an operation that has none throws an error that names the prop to set.
   */
  readonly functions: Readonly<Record<KeyOperation, IFunction>>;

  readonly #authorizers: Authorizers;
  readonly #managementSettings: ManagementSettings;
  readonly #flush: FlushOnRevoke;

  constructor(scope: Construct, id: string, props: ApiKeysProps = {}) {
    super(scope, id);
    const authorizerSettings = authorizerSettingsOf(props);
    const managementSettings = managementSettingsOf(props);
    const caching = authorizerCaching(props);
    checkCaching(props, authorizerSettings, caching);

    this.table = props.table ?? new KeysTable(this, 'Table');
    this.label = authorizerSettings.label;
    this.plans = authorizerSettings.plans;
    this.restrictions = authorizerSettings.restrictions;
    this.readOnly = props.readOnly ?? false;
    this.attributes = managementSettings.attributes;
    this.usagePlans = authorizerSettings.usagePlans;
    this.cacheTtl = caching.ttl;
    this.functionOptions = {
      memorySize: memorySizeOf(props),
      logRetention: props.logRetention ?? RetentionDays.ONE_YEAR,
      tracing: props.tracing ?? false,
    };
    this.#managementSettings = managementSettings;
    // Read-only keys are the same kind of key as those of the stack that writes them.
    if (!this.readOnly) refuseSameKindTwice(this, this.table, this.label);

    const { authorizerEntry } = props;
    this.authorizerFunction = new LatchkeyFunction(this, 'Authorizer', {
      ...this.functionOptions,
      entry: authorizerCodeOf(props),
      description: 'Authorizes API requests by their API key',
      timeout: Duration.millis(AUTHORIZER_TIMEOUT_MS),
      environment: toEnvironment(this.table.tableName, {
        ...authorizerSettings,
        ...(authorizerEntry !== undefined && { cachedBy: caching.ttl.toSeconds() > 0 ? caching.identitySources : [] }),
      }),
      statements: statementsFor(this.table, {
        read: ['GetItem'],
        noteUse: authorizerSettings.lastUsedIntervalSeconds > 0,
        // Only keys of this format can have digests that are slow to check.
        upgradeDigests: authorizerSettings.importedFormats.includes('drf'),
      }),
    }).function;
    props.rateLimits?.attachTo(this.authorizerFunction);
    this.authorizerLogGroup = this.authorizerFunction.logGroup;

    const management = managementFunctions(this, this.table, {
      ...this.functionOptions,
      settings: managementSettings,
      readOnly: this.readOnly,
    });
    this.functions = management.functions;
    this.operations = management.operations;

    this.#authorizers = new Authorizers({
      keys: this,
      handler: this.authorizerFunction,
      caching,
      httpResponse: authorizerSettings.httpResponse,
    });
    this.#flush = new FlushOnRevoke({
      keys: this,
      authorizerFunction: this.authorizerFunction,
      recordCacheSeconds: authorizerSettings.recordCacheSeconds,
    });
    for (const operation of this.operations)
      if (definitionOf(operation).flushesCaches === true) this.#flush.functions.push(management.functions[operation]);
    if (props.flushOnRevoke ?? true) Aspects.of(this).add(this.#flush, { priority: AspectPriority.MUTATING });
  }

  /**
   * Creates a function that handles GitHub's secret scanning alerts. Integrate it with a `POST` route without
   * authorization: it rejects requests that GitHub has not signed. See docs/leaked-keys.md.
   *
   * @param leakedKeys whether to revoke a leaked key, or only to report it
   */
  secretScanningFunction(leakedKeys: SecretScanningSettings['leakedKeys'] = 'revoke'): IFunction {
    const settings = { ...DEFAULT_SECRET_SCANNING_SETTINGS, ...this.#managementSettings, leakedKeys };
    const alerts = new LatchkeyFunction(this, 'SecretScanning', {
      ...this.functionOptions,
      entry: 'secret-scanning',
      description: 'Handles GitHub secret scanning alerts about API keys',
      timeout: Duration.seconds(29),
      environment: toEnvironment(this.table.tableName, settings),
      statements: statementsFor(this.table, {
        read: ['GetItem'],
        write: leakedKeys === 'revoke' ? ['UpdateItem'] : [],
      }),
    }).function;
    if (leakedKeys === 'revoke') this.#flush.functions.push(alerts);
    return alerts;
  }

  /** The environment of a function that runs management operations on these keys. */
  get managementEnvironment(): Record<string, string> {
    return toEnvironment(this.table.tableName, this.#managementSettings);
  }

  /**
   * Adds the stack outputs that the CLI and the key client use to find this deployment. Only one `ApiKeys` of a stack can
   * have them.
   */
  addOutputs(): void {
    const stack = Stack.of(this);
    new CfnOutput(stack, TABLE_OUTPUT, {
      value: this.table.tableName,
      description: 'The table that stores the API keys',
    });
    new CfnOutput(stack, AUTHORIZER_OUTPUT, {
      value: this.authorizerFunction.functionName,
      description: 'The function that authorizes requests by their API key',
    });
    for (const operation of this.operations)
      new CfnOutput(stack, functionOutput(operation), {
        value: this.functions[operation].functionName,
        description: definitionOf(operation).description,
      });
  }

  /**
   * Returns the authorizer for the methods of one REST API. It is created in the stack of that API, once for each API,
   * however often you call this method.
   *
   * If a request can contain the key in one place only, API Gateway itself returns 401 for a request without it. A change to
   * the authorizer creates a new deployment of the API. The synthesis warns if a stage is not deployed by a `Deployment`
   * construct, and if the response cache of a stage mixes the responses of different keys.
   */
  restAuthorizer(): IAuthorizer {
    return this.#authorizers.rest();
  }

  /**
   * Returns the authorizer for the routes of HTTP APIs. It is created in the stack of each API, once for each API.
   *
   * Nothing is cached if the key is in a cookie: payload 2.0 passes cookies outside of the headers.
   */
  httpAuthorizer(): IHttpRouteAuthorizer {
    return this.#authorizers.http();
  }

  /**
   * Returns the authorizer for the `$connect` route of WebSocket APIs. It is created in the stack of each API, once for
   * each API.
   */
  webSocketAuthorizer(): IWebSocketRouteAuthorizer {
    return this.#authorizers.webSocket();
  }

  /**
   * Adds a stage whose authorizer cache is flushed on a revocation. Stages of APIs in this app are found automatically. Use
   * this for an API of another app in the same account and Region, or one that an OpenAPI document defines.
   *
   * Give the name of the stage as a string. The synthesis fails if `recordCache` is set as well.
   *
   * @example
   * keys.flushOnRevoke({ kind: 'rest', apiId: 'a1b2c3d4e5', stageName: 'prod' });
   */
  flushOnRevoke(stage: ApiStage): void {
    this.#flush.others.push(stage);
  }

  /**
   * Returns the function of an operation for an integration with a route of your own API. An `AdminApi` has such routes for
   * all operations. The function is a Lambda alias that reads API Gateway events as HTTP requests, and only API Gateway can
   * invoke it. Don't grant permission to anyone else: an event can claim any caller.
   *
   * The route needs the path parameters of the operation, an authorizer, and a Lambda proxy integration.
   *
   * @throws {Error} if the operation has no function, because `ownerSuspension` is off
   * @example
   * const revoke = new LambdaIntegration(keys.httpFunction('revoke'));
   * api.root.resourceForPath('/keys/{prefix}/revoke').addMethod('POST', revoke, { authorizationType: AuthorizationType.IAM });
   */
  httpFunction(operation: KeyOperation): IFunction {
    return httpAlias(this.functions[operation]);
  }

  /**
   * Grants permission to invoke the function of an operation directly. It doesn't include the alias for API Gateway, where
   * an event can claim any caller.
   *
   * There is also a method for each operation, such as {@link grantCreate}.
   *
   * @throws {Error} if the operation has no function, because `ownerSuspension` is off
   * @example
   * keys.grant('revoke', supportFunction);
   */
  grant(operation: KeyOperation, grantee: IGrantable): Grant {
    return this.functions[operation].grantInvokeLatestVersion(grantee);
  }

  /** Grants permission to create keys. The response contains the new key, once. */
  grantCreate(grantee: IGrantable): Grant {
    return this.grant('create', grantee);
  }

  /** Grants permission to get a key's record. */
  grantGet(grantee: IGrantable): Grant {
    return this.grant('get', grantee);
  }

  /** Grants permission to list keys. */
  grantList(grantee: IGrantable): Grant {
    return this.grant('list', grantee);
  }

  /** Grants permission to update keys, including their scopes. */
  grantUpdate(grantee: IGrantable): Grant {
    return this.grant('update', grantee);
  }

  /** Grants permission to rotate keys. The response contains the new key, once. */
  grantRotate(grantee: IGrantable): Grant {
    return this.grant('rotate', grantee);
  }

  /** Grants permission to revoke keys. */
  grantRevoke(grantee: IGrantable): Grant {
    return this.grant('revoke', grantee);
  }

  /** Grants permission to check whether a key would be allowed. */
  grantVerify(grantee: IGrantable): Grant {
    return this.grant('verify', grantee);
  }

  /** Grants permission to import keys. The grantee can thereby add keys that can call everything. */
  grantImport(grantee: IGrantable): Grant {
    return this.grant('import', grantee);
  }

  /** Grants permission to export all key records, including their digests. */
  grantExport(grantee: IGrantable): Grant {
    return this.grant('export', grantee);
  }

  /** Grants permission to read the label, plans, attributes and other settings of these keys. */
  grantSettings(grantee: IGrantable): Grant {
    return this.grant('settings', grantee);
  }

  /**
   * Grants permission to read whether an owner is suspended.
   *
   * @throws {Error} if `ownerSuspension` is off
   */
  grantOwner(grantee: IGrantable): Grant {
    return this.grant('owner', grantee);
  }

  /**
   * Grants permission to suspend owners, whose keys are then rejected.
   *
   * @throws {Error} if `ownerSuspension` is off
   */
  grantSuspend(grantee: IGrantable): Grant {
    return this.grant('suspend', grantee);
  }

  /**
   * Grants permission to resume suspended owners.
   *
   * @throws {Error} if `ownerSuspension` is off
   */
  grantResume(grantee: IGrantable): Grant {
    return this.grant('resume', grantee);
  }
}

/** Rejects props that need every request to reach the authorizer, if API Gateway caches its results. */
function checkCaching(props: ApiKeysProps, settings: AuthorizerSettings, { ttl }: AuthorizerCaching): void {
  if (ttl.toSeconds() === 0) return;
  if (props.rateLimits !== undefined)
    throw new Error(
      'rateLimits needs a cacheTtl of Duration.seconds(0): the authorizer cannot count requests that API Gateway serves from its cache.',
    );
  if (settings.recordCacheSeconds > 0 && (props.flushOnRevoke ?? true))
    throw new Error(
      'recordCache needs a cacheTtl of Duration.seconds(0), or flushOnRevoke: false. After a flush, the authorizer would allow a revoked key from its memory.',
    );
}

function authorizerCodeOf({ authorizerEntry, rateLimits }: ApiKeysProps): string | { readonly file: string } {
  if (authorizerEntry === undefined) return rateLimits === undefined ? 'authorizer' : 'limiting-authorizer';
  if (rateLimits !== undefined)
    throw new Error(
      'rateLimits cannot be combined with authorizerEntry. Use the middleware rateLimit() in the API behind the authorizer.',
    );
  return { file: authorizerEntry };
}
