import type { AttributesJsonSchema } from '../core/attributes/attributes.ts';
import type { KeySource } from './credential.ts';
import type { ImportedFormat } from '../core/keys/imported-key.ts';
import type { Plans } from '../core/limits/limits.ts';
import type { IdentitySource } from './identity-source.ts';
import type { UnscopedKeys } from '../core/scopes/policy.ts';
import type { EnforcedRestriction } from '../core/restrictions/restrictions.ts';

/**
 * The settings of the authorizer, which the construct passes in two environment variables: the table's name, which is known
 * only during deployment, and the rest as JSON.
 */
export interface AuthorizerSettings {
  readonly label: string;
  /**
   * The accepted formats of imported keys. They have no checksum, so every text that matches a format costs a read. Without
   * them, malformed keys cost no read.
   */
  readonly importedFormats: readonly ImportedFormat[];
  readonly keySources: readonly KeySource[];
  readonly unscopedKeys: UnscopedKeys;
  /** The enforced restrictions, besides stages. API Gateway's cache is configured for them. */
  readonly restrictions: readonly EnforcedRestriction[];
  /** The parts of a request that API Gateway caches results by. Empty: nothing is cached. Set only for custom authorizers. */
  readonly cachedBy?: readonly IdentitySource[] | undefined;
  readonly plans: Plans;
  /** Whether API Gateway's usage plans count requests, so that the authorizer must return a usage identifier. */
  readonly usagePlans: boolean;
  /** Whether owners can be suspended. It costs a second read for keys with an owner. */
  readonly ownerSuspension: boolean;
  /** The metadata fields that the authorizer passes to the API. */
  readonly contextMetadata: readonly string[];
  /** The response format of an HTTP API's authorizer. The event does not say which one API Gateway expects. */
  readonly httpResponse: 'iam' | 'simple';
  /** The minimum time between two writes of a key's `lastUsedAt`, in seconds. 0: it is never written. */
  readonly lastUsedIntervalSeconds: number;
  /** The time limit of a look-up, in milliseconds. A slower look-up is an outage. */
  readonly lookupTimeoutMs: number;
  /**
   * How long an execution environment caches the record of an active key, in seconds. 0: not at all. During this time, in
   * addition to API Gateway's cache, a revoked key is still allowed. A flush does not shorten it.
   */
  readonly recordCacheSeconds: number;
}

/** The settings of the management functions. */
export interface ManagementSettings {
  readonly label: string;
  /** As the authorizer's. */
  readonly importedFormats: readonly ImportedFormat[];
  /** How long a revoked or expired key stays in the table, in seconds. */
  readonly retentionSeconds: number;
  readonly plans: Plans;
  /** Whether keys are written in another Region and only read here. The console shows it; IAM enforces it. */
  readonly readOnly?: boolean;
  /** As the authorizer's. */
  readonly ownerSuspension: boolean;
  /** What `verify` assumes about keys without scopes, as in the authorizer's settings. @default 'whole-stage' */
  readonly unscopedKeys?: UnscopedKeys | undefined;
  /** The metadata fields that the authorizer passes to the API, to limit the size of its result. @default all */
  readonly contextMetadata?: readonly string[] | undefined;
  /** The schema of metadata. @default any metadata */
  readonly attributes?: AttributesJsonSchema | undefined;
  readonly restrictions: readonly EnforcedRestriction[];
}

/** The settings of the function that handles GitHub's secret scanning alerts. */
export interface SecretScanningSettings extends ManagementSettings {
  /** What to do with a leaked key. */
  readonly leakedKeys: 'revoke' | 'report';
  /** The URL of the public keys that verify GitHub's signatures. */
  readonly gitHubKeysUrl: string;
}

/** The settings of the functions that publish events. */
export interface EventSettings extends ManagementSettings {
  /** The number of days before a key's expiry at which an event is published. */
  readonly expiryNoticeDays: readonly number[];
}

const TABLE_VARIABLE = 'LATCHKEY_TABLE';
export const SETTINGS_VARIABLE = 'LATCHKEY_SETTINGS';
/** The ids of API Gateway's usage plans by the name of the plan, as JSON; known only on deployment. */
export const USAGE_PLANS_VARIABLE = 'LATCHKEY_USAGE_PLANS';

/** The name of the bus that events go to; known only on deployment. */
export const EVENT_BUS_VARIABLE = 'LATCHKEY_EVENT_BUS';

/** The URL of the queue for events that EventBridge rejects; known only on deployment. */
export const UNPUBLISHED_QUEUE_VARIABLE = 'LATCHKEY_UNPUBLISHED_QUEUE';

const DEFAULT_LABEL = 'lk';

/**
 * The timeout of the authorizer's Lambda function, in milliseconds. It is half of the 10 seconds that an HTTP API waits for
 * an authorizer.
 */
export const AUTHORIZER_TIMEOUT_MS = 5000;

/**
 * The time limit of a decision, in milliseconds. An authorizer that would allow a request later than this fails instead. It
 * is shorter than {@link AUTHORIZER_TIMEOUT_MS}, because a call that Lambda stops writes no log line and no metric.
 */
export const DECISION_TIMEOUT_MS = 4500;

/**
 * The defaults, for the construct and the local server. No default reads a property of another, so that a bundler can remove
 * them from the authorizer.
 */
export const DEFAULT_AUTHORIZER_SETTINGS: AuthorizerSettings = {
  label: DEFAULT_LABEL,
  importedFormats: [],
  keySources: [{ header: 'x-api-key' }],
  unscopedKeys: 'whole-stage',
  restrictions: [],
  plans: {},
  usagePlans: false,
  ownerSuspension: false,
  contextMetadata: [],
  httpResponse: 'iam',
  lastUsedIntervalSeconds: 3600,
  lookupTimeoutMs: 3000,
  recordCacheSeconds: 0,
};

export const DEFAULT_MANAGEMENT_SETTINGS: ManagementSettings = {
  label: DEFAULT_LABEL,
  importedFormats: [],
  retentionSeconds: 90 * 24 * 3600,
  plans: {},
  ownerSuspension: false,
  restrictions: [],
};

/** In addition to the defaults of the management functions. */
export const DEFAULT_SECRET_SCANNING_SETTINGS: Pick<SecretScanningSettings, 'leakedKeys' | 'gitHubKeysUrl'> = {
  leakedKeys: 'revoke',
  gitHubKeysUrl: 'https://api.github.com/meta/public_keys/secret_scanning',
};

export const DEFAULT_EVENT_SETTINGS: EventSettings = { ...DEFAULT_MANAGEMENT_SETTINGS, expiryNoticeDays: [7, 1] };

/** Returns the environment variables of a function with these settings. */
export function toEnvironment(
  tableName: string,
  settings: AuthorizerSettings | ManagementSettings | SecretScanningSettings | EventSettings,
): Record<string, string> {
  return { [TABLE_VARIABLE]: tableName, [SETTINGS_VARIABLE]: JSON.stringify(settings) };
}

/** The fields that the settings of an authorizer must have. */
export const AUTHORIZER_FIELDS = [
  'label',
  'importedFormats',
  'keySources',
  'unscopedKeys',
  'restrictions',
  'plans',
  'usagePlans',
  'ownerSuspension',
  'contextMetadata',
  'httpResponse',
  'lastUsedIntervalSeconds',
  'lookupTimeoutMs',
  'recordCacheSeconds',
] as const satisfies readonly (keyof AuthorizerSettings)[];

/** The fields that the settings of every other function must have. */
export const MANAGEMENT_FIELDS = [
  'label',
  'importedFormats',
  'retentionSeconds',
  'plans',
  'ownerSuspension',
  'restrictions',
] as const satisfies readonly (keyof ManagementSettings)[];

/**
 * Reads what {@link toEnvironment} wrote. The construct has validated the values, so only missing fields are detected: a
 * template that is not made by the CDK can lack some.
 *
 * @param fields {@link AUTHORIZER_FIELDS} or {@link MANAGEMENT_FIELDS}
 * @throws {Error} if a variable or a field is missing
 */
export function fromEnvironment(
  environment: NodeJS.ProcessEnv,
  fields: typeof AUTHORIZER_FIELDS | typeof MANAGEMENT_FIELDS,
): {
  tableName: string;
  settings: AuthorizerSettings & SecretScanningSettings & EventSettings;
} {
  const tableName = requiredVariable(environment, TABLE_VARIABLE);
  const settings: object = JSON.parse(requiredVariable(environment, SETTINGS_VARIABLE)) as object;
  const missing = fields.find((field) => !(field in settings));
  if (missing !== undefined) throw new Error(`${SETTINGS_VARIABLE} has no field "${missing}"`);
  // The construct validated the values.
  return { tableName, settings: settings as AuthorizerSettings & SecretScanningSettings & EventSettings };
}

/** Returns the label in the environment, or `undefined` if it can't be read. Never throws. */
export function labelIn(environment: NodeJS.ProcessEnv): string | undefined {
  try {
    return (JSON.parse(environment[SETTINGS_VARIABLE] ?? '') as Partial<AuthorizerSettings> | null)?.label;
  } catch {
    return undefined;
  }
}

/** Returns the ids of API Gateway's usage plans by the name of the plan. @throws {Error} if the variable is missing */
export function usagePlanIds(environment: NodeJS.ProcessEnv): Record<string, string> {
  return JSON.parse(requiredVariable(environment, USAGE_PLANS_VARIABLE)) as Record<string, string>;
}

/** Returns the name of the event bus. @throws {Error} if the variable is missing */
export function eventBusName(environment: NodeJS.ProcessEnv): string {
  return requiredVariable(environment, EVENT_BUS_VARIABLE);
}

/** Returns the URL of the queue for events that EventBridge rejects. @throws {Error} if the variable is missing */
export function unpublishedQueueUrl(environment: NodeJS.ProcessEnv): string {
  return requiredVariable(environment, UNPUBLISHED_QUEUE_VARIABLE);
}

/** Returns the value of an environment variable. @throws {Error} if it is missing or empty */
export function requiredVariable(environment: NodeJS.ProcessEnv, name: string): string {
  const value = environment[name];
  if (value === undefined || value === '') throw new Error(`the environment variable ${name} is not set`);
  return value;
}
