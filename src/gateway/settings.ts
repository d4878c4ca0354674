import type { AttributesJsonSchema } from '../core/attributes/attributes.ts';
import type { KeySource } from './credential.ts';
import type { ImportedFormat } from '../core/keys/imported-key.ts';
import type { Plans } from '../core/limits/limits.ts';
import type { IdentitySource } from './identity-source.ts';
import type { UnscopedKeys } from '../core/scopes/policy.ts';
import type { EnforcedRestriction } from '../core/restrictions/restrictions.ts';

/**
 * What the construct decides and the functions obey. It travels in two environment variables: the table's
 * name, known only on deployment, and the rest as JSON.
 */
export interface AuthorizerSettings {
  readonly label: string;
  /**
   * Whose keys are taken beside our own. They have no checksum, so every text that has the form of one costs a
   * read: without this nothing malformed does.
   */
  readonly importedFormats: readonly ImportedFormat[];
  readonly keySources: readonly KeySource[];
  readonly unscopedKeys: UnscopedKeys;
  /** What keys may be restricted to, beside stages: API Gateway is set up to ask again where the answer could differ. */
  readonly restrictions: readonly EnforcedRestriction[];
  /** The parts of a request that API Gateway caches answers by; none: it caches nothing. Only an authorizer of a team's own is told. */
  readonly cachedBy?: readonly IdentitySource[] | undefined;
  readonly plans: Plans;
  /** Whether API Gateway's usage plans count requests, and so must be told which key a request is of. */
  readonly usagePlans: boolean;
  /** Whether owners can be suspended: a second read for keys that have one. */
  readonly ownerSuspension: boolean;
  /** Names of the metadata fields handed on to the API. */
  readonly contextMetadata: readonly string[];
  /** What an HTTP API's authorizer answers; the event does not say which one API Gateway expects. */
  readonly httpResponse: 'iam' | 'simple';
  /** How often `lastUsedAt` is written for a key, at most; 0 for never. */
  readonly lastUsedIntervalSeconds: number;
  /** Past this time a look-up that has not been answered is an outage. */
  readonly lookupTimeoutMs: number;
  /**
   * How long an environment of the function keeps the record of a key that can be used; 0 for not at all. For as
   * long, which no flush shortens, and beside API Gateway's own cache, a revoked key is still let in.
   */
  readonly recordCacheSeconds: number;
}

export interface ManagementSettings {
  readonly label: string;
  /** As the authorizer's. */
  readonly importedFormats: readonly ImportedFormat[];
  /** How long an ended key stays visible. */
  readonly retentionSeconds: number;
  readonly plans: Plans;
  /** Whether keys are written in another Region, and only read here. Told to the console; IAM sees to it. */
  readonly readOnly?: boolean;
  /** As the authorizer's. */
  readonly ownerSuspension: boolean;
  /** As the authorizer's, to tell whether a key would be let in. @default 'whole-stage' */
  readonly unscopedKeys?: UnscopedKeys | undefined;
  /** The metadata fields that the authorizer hands on, to bound the size of its result. @default all */
  readonly contextMetadata?: readonly string[] | undefined;
  /** What the metadata of a key must be like. @default anything that fits */
  readonly attributes?: AttributesJsonSchema | undefined;
  readonly restrictions: readonly EnforcedRestriction[];
}

export interface SecretScanningSettings extends ManagementSettings {
  /** What becomes of a key that GitHub has found in public. */
  readonly leakedKeys: 'revoke' | 'report';
  /** Where GitHub publishes the keys that it signs its alerts with. */
  readonly gitHubKeysUrl: string;
}

export interface EventSettings extends ManagementSettings {
  /** How many days before its end a key's owner is to hear of it; each is an event. */
  readonly expiryNoticeDays: readonly number[];
}

/** Names of the variables. */
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
 * How long the authorizer may take for one request, in milliseconds. After this Lambda ends the call. It is half of
 * the 10 seconds that an HTTP API waits for an authorizer.
 */
export const AUTHORIZER_TIMEOUT_MS = 5000;

/**
 * How long a decision may take in total, in milliseconds. An authorizer that allows a request later than this fails
 * instead. It is shorter than {@link AUTHORIZER_TIMEOUT_MS}: a call that Lambda ends writes no log line and no metric.
 */
export const DECISION_TIMEOUT_MS = 4500;

/**
 * Defaults, for the construct and the local server alike. Written without reading one from another: a bundler keeps
 * what reads a property, and the authorizer needs none of them.
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

/** Beside those of the management functions. */
export const DEFAULT_SECRET_SCANNING_SETTINGS: Pick<SecretScanningSettings, 'leakedKeys' | 'gitHubKeysUrl'> = {
  leakedKeys: 'revoke',
  gitHubKeysUrl: 'https://api.github.com/meta/public_keys/secret_scanning',
};

export const DEFAULT_EVENT_SETTINGS: EventSettings = { ...DEFAULT_MANAGEMENT_SETTINGS, expiryNoticeDays: [7, 1] };

/** The environment of a function with these settings. */
export function toEnvironment(
  tableName: string,
  settings: AuthorizerSettings | ManagementSettings | SecretScanningSettings | EventSettings,
): Record<string, string> {
  return { [TABLE_VARIABLE]: tableName, [SETTINGS_VARIABLE]: JSON.stringify(settings) };
}

/**
 * Reads what {@link toEnvironment} wrote. The construct has checked it, so its form is taken on trust.
 *
 * @throws {Error} if a variable is missing, naming it
 */
export function fromEnvironment(environment: NodeJS.ProcessEnv): {
  tableName: string;
  settings: AuthorizerSettings & SecretScanningSettings & EventSettings;
} {
  return {
    tableName: requiredVariable(environment, TABLE_VARIABLE),
    settings: JSON.parse(requiredVariable(environment, SETTINGS_VARIABLE)) as AuthorizerSettings &
      SecretScanningSettings &
      EventSettings,
  };
}

/** The label in the environment, or `undefined` if there is none that can be read. Never throws. */
export function labelIn(environment: NodeJS.ProcessEnv): string | undefined {
  try {
    return (JSON.parse(environment[SETTINGS_VARIABLE] ?? '') as Partial<AuthorizerSettings> | null)?.label;
  } catch {
    return undefined;
  }
}

/** Usage plans by plan, as the construct `UsagePlans` has them. @throws {Error} if the variable is missing */
export function usagePlanIds(environment: NodeJS.ProcessEnv): Record<string, string> {
  return JSON.parse(requiredVariable(environment, USAGE_PLANS_VARIABLE)) as Record<string, string>;
}

/** The bus that events go to. @throws {Error} if the variable is missing */
export function eventBusName(environment: NodeJS.ProcessEnv): string {
  return requiredVariable(environment, EVENT_BUS_VARIABLE);
}

/** The URL of the queue for events that EventBridge rejects. @throws {Error} if the variable is missing */
export function unpublishedQueueUrl(environment: NodeJS.ProcessEnv): string {
  return requiredVariable(environment, UNPUBLISHED_QUEUE_VARIABLE);
}

/** The value of an environment variable. @throws {Error} if it is missing or empty, naming it */
export function requiredVariable(environment: NodeJS.ProcessEnv, name: string): string {
  const value = environment[name];
  if (value === undefined || value === '') throw new Error(`the environment variable ${name} is not set`);
  return value;
}
