import type { EpochMs } from '../core/keys/record.ts';

/** The tag of the secrets of `KeySecret`. Its value is the name of the keys table. */
export const SECRET_TABLE_TAG = 'latchkey:table';

/** The JSON value of a secret, as consumers read it. */
export interface SecretValue {
  /** The key. Secret: never log it. */
  readonly key: string;
  /** The key's public prefix. */
  readonly keyId: string;
  /** When the key expires, in ISO 8601 (UTC); `null` if it does not expire. */
  readonly expiresAt: string | null;
  /** The URL of the API that the key is for, if one is configured. */
  readonly endpoint?: string;
}

/** Returns the JSON to store in Secrets Manager. */
export function writeSecretValue(value: SecretValue): string {
  return JSON.stringify(value);
}

/**
 * Parses the JSON from {@link writeSecretValue}. Returns `undefined` for any other text, without a reason: the parser's
 * message quotes the text, which can contain a key.
 */
export function readSecretValue(text: string): SecretValue | undefined {
  const { key, keyId, expiresAt, endpoint } = objectIn(text);
  if (typeof key !== 'string' || typeof keyId !== 'string') return undefined;
  if (expiresAt !== null && (typeof expiresAt !== 'string' || Number.isNaN(Date.parse(expiresAt)))) return undefined;
  if (endpoint !== undefined && typeof endpoint !== 'string') return undefined;
  return { key, keyId, expiresAt, ...(endpoint === undefined ? {} : { endpoint }) };
}

/** Returns when the key of a value expires, in milliseconds, or `undefined` if it does not expire. */
export function expiryOf({ expiresAt }: SecretValue): EpochMs | undefined {
  return expiresAt === null ? undefined : Date.parse(expiresAt);
}

function objectIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

/**
 * Returns the name of a secret from its ARN, which ends with the name, a hyphen, and six random characters.
 *
 * @param id the ARN or name of a secret
 * @example
 * secretNameOf('arn:aws:secretsmanager:eu-west-1:123456789012:secret:checkout/latchkey-a1B2c3'); // 'checkout/latchkey'
 */
export function secretNameOf(id: string): string {
  const [, suffixed] = /^arn:[^:]*:secretsmanager:[^:]*:[^:]*:secret:(.+)-[^-]{6}$/.exec(id) ?? [];
  return suffixed ?? id;
}
