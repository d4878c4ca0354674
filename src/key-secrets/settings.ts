import { requiredVariable } from '../gateway/settings.ts';
import type { RotationSettings } from './rotation.ts';

/** The settings of a secret, from the construct. They are not confidential. */
export interface KeySecretSettings extends RotationSettings {
  /** How long after a rotation the next one is overdue, in seconds. */
  readonly overdueSeconds: number;
}

/** The ARN of the secret, which is known only on deployment. */
const SECRET_VARIABLE = 'LATCHKEY_SECRET_ID';
const SETTINGS_VARIABLE = 'LATCHKEY_SECRET_SETTINGS';
/** The URL that is stored with the key. It is often known only on deployment. */
const ENDPOINT_VARIABLE = 'LATCHKEY_SECRET_ENDPOINT';
/** The name of the function that revokes keys. */
const REVOKE_FUNCTION_VARIABLE = 'LATCHKEY_REVOKE_FUNCTION';

/** The environment of a function for one secret, in addition to the settings of the keys. */
export interface KeySecretEnvironment {
  readonly secretId: string;
  readonly settings: KeySecretSettings;
  readonly endpoint?: string | undefined;
  /** Set only for the function that creates and deletes the secret's keys. */
  readonly revokeFunction?: string | undefined;
}

/** Returns the environment variables of a function. */
export function toSecretEnvironment(environment: KeySecretEnvironment): Record<string, string> {
  const { secretId, settings, endpoint, revokeFunction } = environment;
  return {
    [SECRET_VARIABLE]: secretId,
    [SETTINGS_VARIABLE]: JSON.stringify(settings),
    ...(endpoint === undefined ? {} : { [ENDPOINT_VARIABLE]: endpoint }),
    ...(revokeFunction === undefined ? {} : { [REVOKE_FUNCTION_VARIABLE]: revokeFunction }),
  };
}

/**
 * Parses the variables from {@link toSecretEnvironment}. The construct has already checked the values.
 *
 * @throws {Error} if a variable is missing, naming it
 */
export function fromSecretEnvironment(environment: NodeJS.ProcessEnv): KeySecretEnvironment {
  return {
    secretId: requiredVariable(environment, SECRET_VARIABLE),
    settings: JSON.parse(requiredVariable(environment, SETTINGS_VARIABLE)) as KeySecretSettings,
    endpoint: environment[ENDPOINT_VARIABLE],
    revokeFunction: environment[REVOKE_FUNCTION_VARIABLE],
  };
}

/** The input of the daily check, which the construct's schedule sends to the rotation function. */
export const DAILY_CHECK = { check: 'daily' } as const;
