import type { Duration } from 'aws-cdk-lib';
import type { ITable, ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { AttributesJsonSchema, AttributesSchema } from '../src/core/attributes/attributes.ts';
import type { ImportedFormat } from '../src/core/keys/imported-key.ts';
import type { Plans } from '../src/core/limits/limits.ts';
import type { EnforcedRestriction } from '../src/core/restrictions/restrictions.ts';
import type { UnscopedKeys } from '../src/core/scopes/policy.ts';
import type { KeySource } from '../src/gateway/credential.ts';
import type { IdentitySource } from '../src/gateway/identity-source.ts';
import type { RateLimits } from './rate-limits.ts';

/** How an authorizer recognizes callers, and how API Gateway caches its results. */
export interface AuthorizerCachingProps {
  /**
   * The parts of a request that can contain the key. With more than one, API Gateway can't cache authorization results,
   * because it requires every identity source in each request.
   *
   * @default [{ header: 'x-api-key' }]
   */
  readonly keySources?: readonly KeySource[];
  /**
   * The parts of a request that can contain another credential, in addition to `keySources`. For custom authorizers only:
   * `[{ header: 'authorization', scheme: 'Bearer' }]` for "a key or a JWT".
   *
   * @default []
   */
  readonly alternativeSources?: readonly KeySource[];
  /**
   * Other parts of a request that a custom authorizer's result depends on. Every request must have them: API Gateway
   * caches results by them and rejects a request without one with 401. The authorizer starts only if this list covers
   * the identity sources that its code declares.
   *
   * @default []
   */
  readonly identitySources?: readonly IdentitySource[];
  /**
   * The restrictions that keys can have, in addition to stages and validity times, which are always enforced.
   * `sourceIp` restricts a key to IP addresses and CIDR ranges. The source IP address then becomes an identity source.
   * `origin` restricts a key to web pages. API Gateway then can't cache results, because a request can lack an `Origin`
   * header. A key with a restriction that isn't listed here can't be created, and is rejected.
   *
   * @default []
   */
  readonly restrictions?: readonly EnforcedRestriction[];
  /**
   * How long API Gateway caches an authorization result: 0 to 3,600 whole seconds. A revoked key can be allowed for as
   * long, on stages whose cache isn't flushed. WebSocket APIs don't cache results.
   *
   * @default Duration.seconds(60), or 0 if there are several key sources or the restriction `origin`
   */
  readonly cacheTtl?: Duration;
  /**
   * What the authorizer returns to HTTP APIs: an IAM policy for everything that the key can call, cached by key; or a
   * simple response for one request, cached by key, method and path.
   *
   * @default 'iam'
   */
  readonly httpResponse?: 'iam' | 'simple';
}

/** Properties of `ApiKeys`. */
export interface ApiKeysProps extends AuthorizerCachingProps {
  /**
   * The table that stores the keys. It must have the schema of `KeysTable`. Several `ApiKeys` can share a table if each
   * has a different label.
   *
   * @default a new `KeysTable`
   */
  readonly table?: ITable | ITableV2;
  /**
   * Whether these keys are read-only, because the table is a replica of a table that is written in another Region. With
   * writes in two Regions the last writer wins, so an update of `lastUsedAt` here could undo a revocation there. No
   * function here writes to the table.
   *
   * @default false
   */
  readonly readOnly?: boolean;
  /**
   * The first part of every key. It tells people and secret scanners what the key is for. The authorizer rejects keys
   * with another label, so all existing keys stop working if you change it.
   *
   * @default 'lk'
   */
  readonly label?: string;
  /**
   * The formats of imported keys that the authorizer accepts, in addition to keys that Latchkey creates. Imported keys
   * have no checksum, so every string in such a format costs a read.
   *
   * @default []
   */
  readonly importedFormats?: readonly ImportedFormat[];
  /**
   * The file of a custom authorizer, relative to the directory that the app runs in. It exports `handler`, which
   * `createAuthorizer` of `latchkey/authorizer` creates. The app must have esbuild installed, which bundles the file.
   *
   * @default Latchkey's prebuilt authorizer
   */
  readonly authorizerEntry?: string;
  /**
   * Whether to flush API Gateway's authorizer caches when a key is revoked or rotated without an overlap, or its owner is
   * suspended. Requests with the key are then rejected within about 8 seconds, which is how long these operations take,
   * and not after `cacheTtl`. It flushes every stage of a REST or HTTP API in this app that uses this authorizer, in any
   * stack of the same account and Region. `ApiKeys.flushOnRevoke()` adds other stages.
   *
   * @default true
   */
  readonly flushOnRevoke?: boolean;
  /**
   * How long each execution environment of the authorizer keeps the records of usable keys in memory: 0 to 60 whole
   * seconds, at most 1,000 records. During this time, in addition to `cacheTtl`, it can allow a key that was revoked,
   * lost scopes, or whose owner was suspended. A flush doesn't reach this memory, so it can't be combined with stages
   * that are flushed. It helps where API Gateway caches nothing and the same keys are used often.
   *
   * @default Duration.seconds(0), which reads the record for each decision
   */
  readonly recordCache?: Duration;
  /**
   * How long a key stays in the table after it has expired or was revoked, in whole seconds.
   *
   * @default Duration.days(90)
   */
  readonly retention?: Duration;
  /**
   * What a key without scopes can call.
   *
   * @default 'whole-stage'
   */
  readonly unscopedKeys?: UnscopedKeys;
  /**
   * Named limits that keys can share, such as
   * `{ free: { rate: '10/s', quota: '10000/month' }, pro: { rate: '100/s' } }`. They are enforced by `rateLimit()` in the
   * API behind the authorizer, or by `UsagePlans`. A key is rejected if its plan is removed from here.
   *
   * @default {}
   */
  readonly plans?: Plans;
  /**
   * The counters with which the authorizer rejects requests that exceed the limits of their key. Requires a `cacheTtl` of
   * 0, so that every request reaches the authorizer. The status is 403, because an authorizer can't return 429.
   *
   * @default the authorizer does not enforce limits
   */
  readonly rateLimits?: RateLimits;
  /**
   * Whether the authorizer returns the usage identifier key that REST APIs need for usage plans. See `UsagePlans`.
   *
   * @default false
   */
  readonly usagePlans?: boolean;
  /**
   * Whether owners can be suspended. All keys of a suspended owner are rejected until the owner is resumed. The authorizer
   * then makes a second read, of half a read unit, for each valid key that has an owner. Without it there are no functions
   * for the operations `owner`, `suspend` and `resume`.
   *
   * @default false
   */
  readonly ownerSuspension?: boolean;
  /**
   * A schema for the keys' `metadata`. Every write is validated against it, and the API behind the authorizer receives all
   * of its fields. Fields must be strings, numbers or booleans. Existing keys are not changed.
   *
   * It is a JSON Schema, such as `{ type: 'object', properties: { tenant: { type: 'string' } }, required: ['tenant'] }`. In
   * TypeScript it can also be a schema of zod, such as `z.object({ tenant: z.string() })`. Unknown fields are rejected unless
   * `additionalProperties` is true (`z.looseObject`). A rule that the functions would ignore, for example a refinement, fails
   * the synthesis.
   *
   * @default any metadata is accepted
   */
  readonly attributes?: AttributesSchema | AttributesJsonSchema;
  /**
   * The names of the metadata fields that the API behind the authorizer receives, in addition to those of `attributes`.
   *
   * @default []
   */
  readonly contextMetadata?: readonly string[];
  /**
   * The shortest time between two updates of a key's `lastUsedAt`, in whole seconds. With `Duration.seconds(0)` it is
   * never updated, and the authorizer has no permission to write.
   *
   * @default Duration.hours(1)
   */
  readonly lastUsedInterval?: Duration;
  /**
   * The memory of each function, in MiB: 128 to 10,240. Lambda allocates CPU in proportion. The authorizer needs about one
   * millisecond of a full CPU for each decision, in addition to the time of DynamoDB: less memory makes it slower at almost
   * the same cost, and more memory costs more at almost the same speed.
   *
   * @default 512
   */
  readonly memorySize?: number;
  /**
   * How long the logs of the functions are kept.
   *
   * @default RetentionDays.ONE_YEAR
   */
  readonly logRetention?: RetentionDays;
  /**
   * Whether the functions send traces to AWS X-Ray.
   *
   * @default false
   */
  readonly tracing?: boolean;
}
