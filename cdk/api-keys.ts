import { AspectPriority, Aspects, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import type { RequestAuthorizer } from 'aws-cdk-lib/aws-apigateway';
import {
  HttpLambdaAuthorizer,
  HttpLambdaResponseType,
  WebSocketLambdaAuthorizer,
} from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import type { ITable, ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { Function, IFunction } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays, type ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { KeySource } from '../src/gateway/credential.ts';
import { httpIdentitySource, SOURCE_IP, type IdentitySource } from '../src/gateway/identity-source.ts';
import { IMPORTED_FORMATS, type ImportedFormat } from '../src/core/keys/imported-key.ts';
import { isLabel, LABEL_ACCEPTS } from '../src/core/keys/key.ts';
import type { Plans } from '../src/core/limits/limits.ts';
import type { UnscopedKeys } from '../src/core/scopes/policy.ts';
import { ENFORCEABLE_RESTRICTIONS, type EnforcedRestriction } from '../src/core/restrictions/restrictions.ts';
import type { ApiStage } from '../src/gateway/api-stage.ts';
import {
  AUTHORIZER_TIMEOUT_MS,
  DEFAULT_AUTHORIZER_SETTINGS,
  DEFAULT_MANAGEMENT_SETTINGS,
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
  KEY_OPERATIONS,
  TABLE_OUTPUT,
  titleOf,
  type KeyOperation,
} from '../src/management/operations.ts';
import type { AttributesJsonSchema, AttributesSchema } from '../src/core/attributes/attributes.ts';
import { attributesOf } from './attributes.ts';
import { ownerItemKey } from '../src/storage/table.ts';
import { answerCache, httpAnswerCache, type AnswerCache } from './answer-cache.ts';
import { FlushOnRevoke } from './flush-on-revoke.ts';
import { httpAlias } from './http-alias.ts';
import { keySourcesFault } from './key-sources.ts';
import { KeysTable } from './keys-table.ts';
import { LatchkeyFunction, type FunctionOptions } from './latchkey-function.ts';
import { refuseSameKindTwice } from './kinds.ts';
import { plansFault } from './plans.ts';
import type { RateLimits } from './rate-limits.ts';
import { RestAuthorizer } from './rest-authorizer.ts';
import { statementsFor, type TableAccess } from './table-access.ts';

const MAX_RECORD_CACHE_SECONDS = 60;

export interface ApiKeysProps {
  /**
   * The table that holds the keys. It must have the schema of {@link KeysTable}. Several `ApiKeys` can share
   * one, each with a label of its own.
   *
   * @default a {@link KeysTable} of its own
   */
  readonly table?: ITable | ITableV2;
  /**
   * Whether the keys are only read here, the table being a replica of one that is written in another Region.
   * DynamoDB lets the last writer of an item win: a use noted here could undo a revocation made there. So no
   * function here may write, nor is `lastUsedAt` noted; keys are created, changed and ended over there.
   *
   * @default false
   */
  readonly readOnly?: boolean;
  /**
   * The first part of every key: says to people and secret scanners what it is. Keys with another label are
   * not accepted, so a label that is changed ends every key there is.
   *
   * @default 'lk'
   */
  readonly label?: string;
  /**
   * Whose keys are taken beside those made here: keys that were moved in and go on working as they are
   * (docs/importing.md). They have no checksum, so every text that has the form of one costs a read.
   *
   * @default []
   */
  readonly importedFormats?: readonly ImportedFormat[];
  /**
   * Where a request may carry its key. With more than one place API Gateway can cache no answer: it would want
   * every one of them in each request.
   *
   * @default [{ header: 'x-api-key' }]
   */
  readonly keySources?: readonly KeySource[];
  /**
   * What keys may be restricted to, beside stages and times, which always hold: `sourceIp` (addresses and CIDR
   * ranges) and `origin` (pages). API Gateway caches by the key, and must ask again for another address: it becomes
   * an identity source. An `Origin` can be missing, so that with it nothing is cached. A key with a restriction that
   * is not named here can neither be made nor used.
   *
   * @default []: none
   */
  readonly restrictions?: readonly EnforcedRestriction[];
  /**
   * A file of your own that exports the authorizer's `handler`, made by `createAuthorizer` of `latchkey/authorizer`;
   * relative to where the app runs. It is bundled by esbuild, which your app must then have.
   *
   * @default Latchkey's own, bundled beforehand
   */
  readonly authorizerEntry?: string;
  /**
   * Where `authorizerEntry` recognises callers by, beside `keySources`: such as
   * `[{ header: 'authorization', scheme: 'Bearer' }]` for "a key or a JWT". Several places mean no caching.
   *
   * @default []
   */
  readonly alternativeSources?: readonly KeySource[];
  /**
   * What else of a request the answer of `authorizerEntry` depends on, and every request has: API Gateway caches by
   * it too, and answers 401 without it. The authorizer starts only if this covers what its code says it reads.
   *
   * @default []
   */
  readonly identitySources?: readonly IdentitySource[];
  /**
   * How long API Gateway may go on using the authorizer's answer for a key, in whole seconds up to an hour:
   * for as long a revoked key can still be let in. WebSocket APIs ask on every connection.
   *
   * @default Duration.seconds(60); none when the key can be in several places, or may be restricted to origins
   */
  readonly cacheTtl?: Duration;
  /**
   * Whether to flush API Gateway's authorizer caches when a key is revoked or rotated without an overlap, or its owner is
   * suspended. Requests with the key are then rejected within about 8 seconds, which these operations take, and not after
   * `cacheTtl`. It flushes every stage in this stack of a REST or HTTP API that uses this authorizer;
   * {@link ApiKeys.flushOnRevoke} adds others.
   *
   * @default true
   */
  readonly flushOnRevoke?: boolean;
  /**
   * How long each environment of the authorizer keeps what it has read of keys that can be used, in whole seconds up to a
   * minute, 1 000 of them at most. For as long, and beside `cacheTtl`, a revoked key, one with fewer scopes, or one whose
   * owner was suspended can still be let in. No flush reaches it: with answers that are flushed it is refused, for API
   * Gateway would be given the old answer anew. It pays where nothing is cached and the same keys come again and again.
   *
   * @default Duration.seconds(0): each decision reads
   */
  readonly recordCache?: Duration;
  /**
   * How long a key stays visible after it has expired or been revoked, in whole seconds.
   *
   * @default Duration.days(90)
   */
  readonly retention?: Duration;
  /**
   * What a key without scopes may call.
   *
   * @default 'whole-stage'
   */
  readonly unscopedKeys?: UnscopedKeys;
  /**
   * Named limits that keys can share: `{ free: { rate: '10/s', quota: '10000/month' }, pro: { rate: '100/s' } }`.
   * They only say what a key may do; `rateLimit()` in the API behind, or {@link UsagePlans}, sees to it. A key
   * whose plan has been taken away from here is not let in.
   *
   * @default {}
   */
  readonly plans?: Plans;
  /**
   * Counters, if the authorizer itself is to refuse requests beyond their key's limits. Only without a cache,
   * where it is asked each time; and with 403, for an authorizer cannot answer 429.
   *
   * @default the authorizer counts nothing
   */
  readonly rateLimits?: RateLimits;
  /**
   * Whether the authorizer tells REST APIs which key to count a request on: see {@link UsagePlans}.
   *
   * @default false
   */
  readonly usagePlans?: boolean;
  /**
   * Whether an owner can be suspended, which ends all of its keys at once until it is resumed. The authorizer then
   * reads the owner of each good key that has one: half a read unit and a round trip more.
   *
   * @default false
   */
  readonly ownerSuspension?: boolean;
  /**
   * A schema of your own fields of a key, by which `metadata` is checked wherever it is written, and all of which the API
   * behind the authorizer gets to see: `z.object({ tenant: z.string(), plan: z.enum(['free', 'pro']) })`. Fields are
   * texts, numbers or booleans; fields without a name in it are refused, unless it is a `z.looseObject`. What JSON
   * Schema cannot tell, such as a refinement, is refused here. Keys made before keep what they have.
   *
   * @default any metadata
   */
  readonly attributes?: AttributesSchema;
  /**
   * Names of the metadata fields that the API behind the authorizer gets to see, beside those of `attributes`.
   *
   * @default []
   */
  readonly contextMetadata?: readonly string[];
  /**
   * What the authorizer answers HTTP APIs: an IAM policy on all that a key may call, cached once per key; or a
   * verdict on the one call, cached per key, method and path.
   *
   * @default 'iam'
   */
  readonly httpResponse?: 'iam' | 'simple';
  /**
   * How often a key's `lastUsedAt` is written at most, in whole seconds. `Duration.seconds(0)`: never, and the
   * authorizer may then write nothing at all.
   *
   * @default Duration.hours(1)
   */
  readonly lastUsedInterval?: Duration;
  /**
   * Memory of each function, in MiB. Lambda gives CPU in proportion, and the authorizer spends about a
   * millisecond of a whole CPU on a call beside waiting for DynamoDB: less memory makes every uncached request
   * slower and hardly cheaper, more makes it dearer and hardly faster.
   *
   * @default 512
   */
  readonly memorySize?: number;
  /** @default RetentionDays.ONE_YEAR */
  readonly logRetention?: RetentionDays;
  /**
   * Whether the functions are traced by X-Ray.
   *
   * @default false
   */
  readonly tracing?: boolean;
}

/**
 * API keys for the APIs of a stack: a table, a Lambda authorizer, and a function for each thing that can be done
 * with a key.
 *
 * @throws {Error} if a prop is not what it should be, naming it and what is accepted
 * @example
 * const keys = new ApiKeys(this, 'Keys', { label: 'acme_live' });
 * new LambdaRestApi(this, 'Api', { handler, defaultMethodOptions: { authorizer: keys.restAuthorizer() } });
 * keys.grantCreate(signUpFunction);
 */
export class ApiKeys extends Construct {
  readonly table: ITable | ITableV2;
  readonly label: string;
  readonly plans: Plans;
  /** What keys can be restricted to, beside stages and times. */
  readonly restrictions: readonly EnforcedRestriction[];
  /** Whether keys are only read here. */
  readonly readOnly: boolean;
  /** What the metadata of these keys must be like, as JSON Schema; `undefined`: anything that fits. */
  readonly attributes: AttributesJsonSchema | undefined;
  /** Whether the authorizer tells usage plans whose request it is. */
  readonly usagePlans: boolean;
  /** How the functions of these keys are made. */
  readonly functionOptions: FunctionOptions;
  /** What API Gateway asks. Give it the environment and the permissions that an `authorizerEntry` of yours needs. */
  readonly authorizerFunction: Function;
  /** How long API Gateway caches an authorization result; 0: it caches none. */
  readonly cacheTtl: Duration;
  /** The authorizer's log: one line for each decision. */
  readonly authorizerLogGroup: ILogGroup;
  /**
   * The management functions, to be invoked directly. The whole payload is the operation's input.
   * For HTTP use an {@link AdminApi}, or {@link httpFunction} with an API of your own.
   */
  readonly functions: Readonly<Record<KeyOperation, IFunction>>;

  readonly #cache: AnswerCache;
  readonly #httpResponse: AuthorizerSettings['httpResponse'];
  readonly #managementSettings: ManagementSettings;
  readonly #flush: FlushOnRevoke;

  constructor(scope: Construct, id: string, props: ApiKeysProps = {}) {
    super(scope, id);
    const authorizerSettings = authorizerSettingsOf(props);
    const managementSettings = managementSettingsOf(props);
    this.#cache = answerCache({
      keySources: [...authorizerSettings.keySources, ...(props.alternativeSources ?? [])],
      identitySources: props.identitySources ?? [],
      restrictions: authorizerSettings.restrictions,
      ttl: props.cacheTtl,
    });
    const cached = this.#cache.ttl.toSeconds() > 0;
    if (props.rateLimits !== undefined && cached)
      throw new Error(
        'rateLimits needs a cacheTtl of Duration.seconds(0): of cached requests the authorizer knows nothing',
      );
    if (authorizerSettings.recordCacheSeconds > 0 && cached && (props.flushOnRevoke ?? true))
      throw new Error(
        'recordCache needs a cacheTtl of Duration.seconds(0), or flushOnRevoke: false: what a flush has API Gateway ask anew, the authorizer would answer from its memory',
      );
    this.cacheTtl = this.#cache.ttl;
    this.#httpResponse = authorizerSettings.httpResponse;
    this.#managementSettings = managementSettings;

    const table = props.table ?? new KeysTable(this, 'Table');
    // One that only reads is another way in for the same kind.
    if (props.readOnly !== true) refuseSameKindTwice(this, table, authorizerSettings.label);
    const options = {
      memorySize: memorySizeOf(props),
      logRetention: props.logRetention ?? RetentionDays.ONE_YEAR,
      tracing: props.tracing ?? false,
    };
    const manage = (operation: KeyOperation) => {
      const { entry, description } = definitionOf(operation);
      const access = accessOf(operation, managementSettings);
      return new LatchkeyFunction(this, titleOf(operation), {
        ...options,
        entry,
        description,
        // As long as API Gateway waits for the admin API. It covers the SDK's retries and the wait for the last flush.
        timeout: Duration.seconds(29),
        environment: toEnvironment(table.tableName, managementSettings),
        statements: statementsFor(table, props.readOnly === true ? { ...access, write: [] } : access),
      }).function;
    };
    this.table = table;
    this.label = authorizerSettings.label;
    this.plans = authorizerSettings.plans;
    this.restrictions = authorizerSettings.restrictions;
    this.readOnly = props.readOnly ?? false;
    this.attributes = managementSettings.attributes;
    this.usagePlans = authorizerSettings.usagePlans;
    this.functionOptions = options;
    const authorizer = new LatchkeyFunction(this, 'Authorizer', {
      ...options,
      entry: authorizerEntryOf(props),
      description: 'Decides whether an API key is let in',
      timeout: Duration.millis(AUTHORIZER_TIMEOUT_MS),
      environment: toEnvironment(table.tableName, {
        ...authorizerSettings,
        ...(props.authorizerEntry !== undefined && { cachedBy: cached ? this.#cache.identitySources : [] }),
      }),
      statements: statementsFor(table, {
        read: ['GetItem'],
        noteUse: authorizerSettings.lastUsedIntervalSeconds > 0,
        // Only these keys have had digests that are slow to check.
        upgradeDigests: authorizerSettings.importedFormats.includes('drf'),
      }),
    }).function;
    props.rateLimits?.attachTo(authorizer);
    this.authorizerFunction = authorizer;
    this.authorizerLogGroup = authorizer.logGroup;
    // The type of fromEntries() does not say which keys there are: one for each operation.
    const functions = Object.fromEntries(KEY_OPERATIONS.map((operation) => [operation, manage(operation)])) as Record<
      KeyOperation,
      Function
    >;
    this.functions = functions;
    this.#flush = new FlushOnRevoke({
      keys: this,
      authorizerFunction: this.authorizerFunction,
      recordCacheSeconds: authorizerSettings.recordCacheSeconds,
    });
    for (const operation of KEY_OPERATIONS) {
      const { flushesCaches = false, requires } = definitionOf(operation);
      const isEnabled = requires !== 'ownerSuspension' || managementSettings.ownerSuspension;
      if (flushesCaches && isEnabled) this.#flush.functions.push(functions[operation]);
    }
    if (props.flushOnRevoke ?? true) Aspects.of(this).add(this.#flush, { priority: AspectPriority.MUTATING });
  }

  /**
   * A function that takes GitHub's secret-scanning alerts, to be put behind a `POST` route that anybody may call: it
   * lets in only what GitHub has signed. See docs/leaked-keys.md.
   *
   * @param leakedKeys whether to revoke a key that lay open, or only to report it
   */
  secretScanningFunction(leakedKeys: SecretScanningSettings['leakedKeys'] = 'revoke'): IFunction {
    const settings = { ...DEFAULT_SECRET_SCANNING_SETTINGS, ...this.#managementSettings, leakedKeys };
    const alerts = new LatchkeyFunction(this, 'SecretScanning', {
      ...this.functionOptions,
      entry: 'secret-scanning',
      description: 'Takes alerts of API keys that lay open',
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

  /** Puts out of the stack what the command line finds a deployment by. One `ApiKeys` of a stack can. */
  addOutputs(): void {
    const stack = Stack.of(this);
    new CfnOutput(stack, TABLE_OUTPUT, { value: this.table.tableName });
    new CfnOutput(stack, AUTHORIZER_OUTPUT, { value: this.authorizerFunction.functionName });
    for (const operation of KEY_OPERATIONS)
      new CfnOutput(stack, functionOutput(operation), { value: this.functions[operation].functionName });
  }

  /**
   * Creates an authorizer for one REST API. Create it once and use it for all methods; a second API needs another one,
   * with its own `id`.
   *
   * If the key can only be in one place, API Gateway itself answers 401 to a request without it. A change to the
   * authorizer creates a new deployment of the API. Synthesis warns if a stage is not deployed by a `Deployment`
   * construct, and if a stage's response cache mixes the responses of different keys.
   */
  restAuthorizer(id = 'RestAuthorizer'): RequestAuthorizer {
    return new RestAuthorizer(this, id, {
      handler: this.authorizerFunction,
      identitySources: [...this.#cache.identitySources],
      resultsCacheTtl: this.#cache.ttl,
      places: this.#cache.places,
    });
  }

  /**
   * Adds a stage whose authorizer cache is flushed on a revocation, for a stage in another stack or of an API that an OpenAPI
   * document defines. Give its name as a string: a reference to the stage could make a dependency cycle.
   *
   * Synthesis fails if {@link ApiKeysProps.recordCache} is set too.
   *
   * @example
   * keys.flushOnRevoke({ kind: 'rest', apiId: imported.restApiId, stageName: 'prod' });
   */
  flushOnRevoke(stage: ApiStage): void {
    this.#flush.others.push(stage);
  }

  /**
   * Creates an authorizer for one HTTP API. Create it once and use it for all routes.
   *
   * Nothing is cached if the key is in a cookie: payload 2.0 carries cookies outside of the headers.
   */
  httpAuthorizer(id = `${this.node.id}Authorizer`): HttpLambdaAuthorizer {
    const simple = this.#httpResponse === 'simple';
    const { identitySources, ttl } = httpAnswerCache(this.#cache);
    // A simple response allows one call, so it must be cached for that call only. `$context.routeKey` is not enough:
    // all calls of a route such as `ANY /{proxy+}` share it.
    const perCall = simple && ttl.toSeconds() > 0 ? ['$context.httpMethod', '$context.path'] : [];
    return new HttpLambdaAuthorizer(id, this.authorizerFunction, {
      identitySource: [...identitySources.map(httpIdentitySource), ...perCall],
      resultsCacheTtl: ttl,
      responseTypes: [simple ? HttpLambdaResponseType.SIMPLE : HttpLambdaResponseType.IAM],
    });
  }

  /**
   * Creates an authorizer for the `$connect` route of one WebSocket API.
   *
   * Its identity source is the caller's address. A WebSocket API caches nothing and rejects a connection that lacks an
   * identity source, possibly also one that writes a header's name in another case. The authorizer itself finds the key.
   */
  webSocketAuthorizer(id = `${this.node.id}Authorizer`): WebSocketLambdaAuthorizer {
    return new WebSocketLambdaAuthorizer(id, this.authorizerFunction, { identitySource: [SOURCE_IP] });
  }

  /**
   * A management function to be integrated with a route of an API of your own. An {@link AdminApi} does that for all of
   * them. It is a Lambda alias that takes API Gateway events as HTTP requests, and only API Gateway may invoke it. Don't
   * grant anyone else to invoke it: an event can name any caller.
   *
   * Give the route the path parameters of the operation, an authorizer, and a Lambda proxy integration.
   *
   * @example
   * const revoke = new LambdaIntegration(keys.httpFunction('revoke'));
   * api.root.resourceForPath('/keys/{prefix}/revoke').addMethod('POST', revoke, { authorizationType: AuthorizationType.IAM });
   */
  httpFunction(operation: KeyOperation): IFunction {
    return httpAlias(this.functions[operation]);
  }

  /**
   * Allows to invoke the function of one operation directly. It does not include the alias for API Gateway, through which
   * an event can name any caller.
   *
   * Each operation has a method of this kind by its name as well, such as {@link grantCreate}.
   *
   * @example
   * keys.grant('revoke', supportFunction);
   */
  grant(operation: KeyOperation, grantee: IGrantable): Grant {
    return this.functions[operation].grantInvokeLatestVersion(grantee);
  }

  /** Allows to invoke the function that creates keys, and gets to see each new key this once. */
  grantCreate(grantee: IGrantable): Grant {
    return this.grant('create', grantee);
  }

  /** Allows to invoke the function that shows a key. */
  grantGet(grantee: IGrantable): Grant {
    return this.grant('get', grantee);
  }

  /** Allows to invoke the function that lists keys. */
  grantList(grantee: IGrantable): Grant {
    return this.grant('list', grantee);
  }

  /** Allows to invoke the function that changes keys: their scopes, too. */
  grantUpdate(grantee: IGrantable): Grant {
    return this.grant('update', grantee);
  }

  /** Allows to invoke the function that replaces a key by a new one, which its caller gets to see. */
  grantRotate(grantee: IGrantable): Grant {
    return this.grant('rotate', grantee);
  }

  /** Allows to invoke the function that revokes keys. */
  grantRevoke(grantee: IGrantable): Grant {
    return this.grant('revoke', grantee);
  }

  /** Allows to invoke the function that tells whether a key would be let in. */
  grantVerify(grantee: IGrantable): Grant {
    return this.grant('verify', grantee);
  }

  /** Allows to invoke the function that stores keys which were issued elsewhere: whoever may can make keys that open everything. */
  grantImport(grantee: IGrantable): Grant {
    return this.grant('import', grantee);
  }

  /** Allows to invoke the function that hands out all about the keys, their digests too. */
  grantExport(grantee: IGrantable): Grant {
    return this.grant('export', grantee);
  }

  /** Allows to invoke the function that tells the label, the plans and the attributes of these keys. */
  grantSettings(grantee: IGrantable): Grant {
    return this.grant('settings', grantee);
  }

  /** Allows to invoke the function that shows whether an owner is suspended. */
  grantOwner(grantee: IGrantable): Grant {
    return this.grant('owner', grantee);
  }

  /** Allows to invoke the function that suspends owners, all of whose keys then open nothing. */
  grantSuspend(grantee: IGrantable): Grant {
    return this.grant('suspend', grantee);
  }

  /** Allows to invoke the function that lifts suspensions. */
  grantResume(grantee: IGrantable): Grant {
    return this.grant('resume', grantee);
  }
}

/** Operations on owners have no access to keys, and none at all where owners cannot be suspended. */
function accessOf(operation: KeyOperation, { label, ownerSuspension }: ManagementSettings): TableAccess {
  const { access, requires } = definitionOf(operation);
  if (requires !== 'ownerSuspension') return access;
  return ownerSuspension ? { ...access, onlyUnder: ownerItemKey(label, '*') } : {};
}

function authorizerSettingsOf(props: ApiKeysProps): AuthorizerSettings {
  const defaults = DEFAULT_AUTHORIZER_SETTINGS;
  const settings: AuthorizerSettings = {
    label: labelOf(props),
    importedFormats: importedFormatsOf(props),
    keySources: props.keySources ?? defaults.keySources,
    unscopedKeys: props.unscopedKeys ?? defaults.unscopedKeys,
    restrictions: restrictionsOf(props),
    plans: props.plans ?? defaults.plans,
    usagePlans: props.usagePlans ?? defaults.usagePlans,
    ownerSuspension: props.ownerSuspension ?? defaults.ownerSuspension,
    contextMetadata: contextMetadataOf(props),
    httpResponse: props.httpResponse ?? defaults.httpResponse,
    lastUsedIntervalSeconds:
      props.lastUsedInterval?.toSeconds() ?? (props.readOnly === true ? 0 : defaults.lastUsedIntervalSeconds),
    lookupTimeoutMs: defaults.lookupTimeoutMs,
    recordCacheSeconds: recordCacheSecondsOf(props),
  };
  if (props.readOnly === true && settings.lastUsedIntervalSeconds > 0)
    throw new Error('lastUsedInterval must be 0, or not given, where keys are only read');
  const fault = keySourcesFaultOf(props, settings.keySources) ?? plansFault(settings.plans);
  if (fault !== undefined) throw new Error(fault);
  const misnamed = settings.contextMetadata.find((name) => !/^[A-Za-z][A-Za-z0-9_]{0,63}$/.test(name));
  if (misnamed !== undefined) {
    throw new Error(
      `"${misnamed}" in contextMetadata is no metadata field; accepted: letters, digits and underscores, starting with a letter`,
    );
  }
  return settings;
}

function managementSettingsOf(props: ApiKeysProps): ManagementSettings {
  return {
    label: labelOf(props),
    importedFormats: importedFormatsOf(props),
    retentionSeconds: props.retention?.toSeconds() ?? DEFAULT_MANAGEMENT_SETTINGS.retentionSeconds,
    plans: props.plans ?? DEFAULT_MANAGEMENT_SETTINGS.plans,
    ...(props.readOnly === true ? { readOnly: true } : {}),
    restrictions: restrictionsOf(props),
    ownerSuspension: props.ownerSuspension ?? DEFAULT_MANAGEMENT_SETTINGS.ownerSuspension,
    contextMetadata: contextMetadataOf(props),
    ...(props.unscopedKeys === undefined ? {} : { unscopedKeys: props.unscopedKeys }),
    ...(props.attributes === undefined ? {} : { attributes: attributesOf(props.attributes, props.plans ?? {}) }),
  };
}

/** All attributes, or the helper of the API behind could not read them; and what else was named. */
function contextMetadataOf({ attributes, plans = {}, contextMetadata = [] }: ApiKeysProps): readonly string[] {
  if (attributes === undefined) return contextMetadata;
  return [...new Set([...Object.keys(attributesOf(attributes, plans).properties), ...contextMetadata])];
}

function restrictionsOf({ restrictions = [] }: ApiKeysProps): readonly EnforcedRestriction[] {
  const unknown = restrictions.find((restriction) => !ENFORCEABLE_RESTRICTIONS.includes(restriction));
  if (unknown !== undefined)
    throw new Error(`"${unknown}" in restrictions is none; accepted: ${ENFORCEABLE_RESTRICTIONS.join(', ')}`);
  return restrictions;
}

/** Which code decides. */
function authorizerEntryOf({ authorizerEntry, rateLimits }: ApiKeysProps): string | { readonly file: string } {
  if (authorizerEntry === undefined) return rateLimits === undefined ? 'authorizer' : 'limiting-authorizer';
  if (rateLimits !== undefined)
    throw new Error('rateLimits goes with no authorizerEntry: put rateLimit() into the API behind');
  return { file: authorizerEntry };
}

/** An authorizer of one's own may read the key by code, from what `identitySources` names. */
function keySourcesFaultOf(props: ApiKeysProps, keySources: readonly KeySource[]): string | undefined {
  const { authorizerEntry, alternativeSources = [], identitySources = [] } = props;
  if (authorizerEntry === undefined && alternativeSources.length + identitySources.length > 0)
    return 'alternativeSources and identitySources are for an authorizerEntry: nothing else reads them';
  const sources = [...keySources, ...alternativeSources];
  return sources.length === 0 && identitySources.length > 0 ? undefined : keySourcesFault(sources);
}

function labelOf({ label = DEFAULT_AUTHORIZER_SETTINGS.label }: ApiKeysProps): string {
  if (!isLabel(label)) throw new Error(`the label "${label}" is not one; accepted: ${LABEL_ACCEPTS}`);
  return label;
}

function importedFormatsOf({ importedFormats = [] }: ApiKeysProps): readonly ImportedFormat[] {
  const unknown = importedFormats.find((format) => !IMPORTED_FORMATS.includes(format));
  if (unknown !== undefined)
    throw new Error(`"${unknown}" in importedFormats is none; accepted: ${IMPORTED_FORMATS.join(', ')}`);
  return importedFormats;
}

/** A revocation must not be late by more than what API Gateway's own cache is by default. */
function recordCacheSecondsOf({ recordCache = Duration.seconds(0) }: ApiKeysProps): number {
  const seconds = recordCache.toSeconds({ integral: false });
  if (!Number.isInteger(seconds) || seconds > MAX_RECORD_CACHE_SECONDS)
    throw new Error(
      `recordCache is ${String(seconds)} seconds; accepted: 0 to ${String(MAX_RECORD_CACHE_SECONDS)} whole seconds`,
    );
  return seconds;
}

/** Lambda's own bounds. */
function memorySizeOf({ memorySize = 512 }: ApiKeysProps): number {
  if (!Number.isInteger(memorySize) || memorySize < 128 || memorySize > 10_240)
    throw new Error(`memorySize is ${String(memorySize)}; accepted: a whole number of MiB from 128 to 10240`);
  return memorySize;
}
