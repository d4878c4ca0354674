import { Duration } from 'aws-cdk-lib';
import { IMPORTED_FORMATS } from '../src/core/keys/imported-key.ts';
import { isLabel, LABEL_ACCEPTS } from '../src/core/keys/key.ts';
import { ENFORCEABLE_RESTRICTIONS } from '../src/core/restrictions/restrictions.ts';
import type { KeySource } from '../src/gateway/credential.ts';
import {
  DEFAULT_AUTHORIZER_SETTINGS,
  DEFAULT_MANAGEMENT_SETTINGS,
  type AuthorizerSettings,
  type ManagementSettings,
} from '../src/gateway/settings.ts';
import type { ApiKeysProps } from './api-keys-props.ts';
import { attributesOf } from './attributes.ts';
import { keySourcesFault } from './key-sources.ts';
import { plansFault } from './plans.ts';

const MAX_RECORD_CACHE_SECONDS = 60;

/**
 * Returns the settings of the authorizer's function.
 *
 * @throws {Error} if a prop is not valid
 */
export function authorizerSettingsOf(props: ApiKeysProps): AuthorizerSettings {
  const defaults = DEFAULT_AUTHORIZER_SETTINGS;
  const settings: AuthorizerSettings = {
    ...sharedSettingsOf(props),
    keySources: props.keySources ?? defaults.keySources,
    unscopedKeys: props.unscopedKeys ?? defaults.unscopedKeys,
    usagePlans: props.usagePlans ?? defaults.usagePlans,
    contextMetadata: contextMetadataOf(props),
    httpResponse: props.httpResponse ?? defaults.httpResponse,
    lastUsedIntervalSeconds:
      props.lastUsedInterval?.toSeconds() ?? (props.readOnly === true ? 0 : defaults.lastUsedIntervalSeconds),
    lookupTimeoutMs: defaults.lookupTimeoutMs,
    recordCacheSeconds: recordCacheSecondsOf(props),
  };
  if (props.readOnly === true && settings.lastUsedIntervalSeconds > 0)
    throw new Error(
      'lastUsedInterval cannot be set for readOnly keys: nothing is written. Remove it, or use Duration.seconds(0).',
    );
  checkKeySources(props, settings.keySources);
  const fault = plansFault(settings.plans);
  if (fault !== undefined) throw new Error(fault);
  const misnamed = settings.contextMetadata.find((name) => !/^[A-Za-z][A-Za-z0-9_]{0,63}$/.test(name));
  if (misnamed !== undefined)
    throw new Error(
      `contextMetadata contains "${misnamed}", which is not a valid field name. Use 1 to 64 letters, digits and underscores, starting with a letter.`,
    );
  return settings;
}

/**
 * Returns the settings of the management functions.
 *
 * @throws {Error} if a prop is not valid
 */
export function managementSettingsOf(props: ApiKeysProps): ManagementSettings {
  return {
    ...sharedSettingsOf(props),
    retentionSeconds: props.retention?.toSeconds() ?? DEFAULT_MANAGEMENT_SETTINGS.retentionSeconds,
    ...(props.readOnly === true ? { readOnly: true } : {}),
    contextMetadata: contextMetadataOf(props),
    ...(props.unscopedKeys === undefined ? {} : { unscopedKeys: props.unscopedKeys }),
    ...(props.attributes === undefined ? {} : { attributes: attributesOf(props.attributes, props.plans ?? {}) }),
  };
}

/**
 * Returns the memory of the functions, in MiB.
 *
 * @throws {Error} if Lambda does not accept it
 */
export function memorySizeOf({ memorySize = 512 }: ApiKeysProps): number {
  if (!Number.isInteger(memorySize) || memorySize < 128 || memorySize > 10_240)
    throw new Error(`memorySize is ${String(memorySize)}. Use a whole number of MiB from 128 to 10240.`);
  return memorySize;
}

type SharedSettings = Pick<
  AuthorizerSettings,
  'label' | 'importedFormats' | 'plans' | 'restrictions' | 'ownerSuspension'
>;

function sharedSettingsOf(props: ApiKeysProps): SharedSettings {
  const { label, plans, ownerSuspension } = DEFAULT_AUTHORIZER_SETTINGS;
  const settings = {
    label: props.label ?? label,
    importedFormats: props.importedFormats ?? [],
    plans: props.plans ?? plans,
    restrictions: props.restrictions ?? [],
    ownerSuspension: props.ownerSuspension ?? ownerSuspension,
  };
  if (!isLabel(settings.label)) throw new Error(`The label "${settings.label}" is not valid. Use ${LABEL_ACCEPTS}.`);
  checkNames('importedFormats', settings.importedFormats, IMPORTED_FORMATS);
  checkNames('restrictions', settings.restrictions, ENFORCEABLE_RESTRICTIONS);
  return settings;
}

function checkNames(prop: string, names: readonly string[], known: readonly string[]): void {
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new Error(`${prop} contains "${unknown}", which is not valid. Use ${known.join(', ')}.`);
}

/** All attributes, because the helper of the API behind the authorizer reads them, and the fields that are named. */
function contextMetadataOf({ attributes, plans = {}, contextMetadata = [] }: ApiKeysProps): readonly string[] {
  if (attributes === undefined) return contextMetadata;
  return [...new Set([...Object.keys(attributesOf(attributes, plans).properties), ...contextMetadata])];
}

/** A custom authorizer can read the key in code, from what `identitySources` names. */
function checkKeySources(props: ApiKeysProps, keySources: readonly KeySource[]): void {
  const { authorizerEntry, alternativeSources = [], identitySources = [] } = props;
  if (authorizerEntry === undefined && alternativeSources.length + identitySources.length > 0)
    throw new Error(
      'alternativeSources and identitySources require authorizerEntry: only a custom authorizer reads them.',
    );
  const sources = [...keySources, ...alternativeSources];
  if (sources.length === 0 && identitySources.length > 0) return;
  const fault = keySourcesFault(sources);
  if (fault !== undefined) throw new Error(fault);
}

/** A revocation must not be delayed by more than API Gateway's cache delays it by default. */
function recordCacheSecondsOf({ recordCache = Duration.seconds(0) }: ApiKeysProps): number {
  const seconds = recordCache.toSeconds({ integral: false });
  if (!Number.isInteger(seconds) || seconds > MAX_RECORD_CACHE_SECONDS)
    throw new Error(
      `recordCache is ${String(seconds)} seconds. Use 0 to ${String(MAX_RECORD_CACHE_SECONDS)} whole seconds.`,
    );
  return seconds;
}
