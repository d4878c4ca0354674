import { hash } from 'node:crypto';
import { statusOf, type EpochMs, type KeyRecord } from '../keys/record.ts';

/** The fields of a record that its API Gateway key depends on. */
export type UsageKeyFields = Pick<KeyRecord, 'label' | 'prefix' | 'countsAs' | 'usageId'>;

/**
 * How new keys are identified to usage plans: by an alphanumeric value. See {@link usageIdentifier}.
 */
export const USAGE_IDENTIFIER_VERSION = 2;

/** Returns the name of the API Gateway key that represents a key. All keys of a chain of rotations share one. */
export function usageKeyName({ label, prefix, countsAs = prefix }: UsageKeyFields): string {
  return `latchkey:${label}:${countsAs}`;
}

/**
 * Returns the value of the API Gateway key that represents a key. The authorizer returns it as `usageIdentifierKey`, and
 * the usage plan counts the request on it. All keys of a chain of rotations share one value.
 *
 * API Gateway requires an alphanumeric value of 20 to 128 characters, and a value cannot be changed. Records of releases
 * that used the name as the value have no `usageId`, and keep that value.
 *
 * The value is not a credential: an API whose `apiKeySource` is `AUTHORIZER` accepts it from the authorizer only.
 *
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html
 */
export function usageIdentifier(record: UsageKeyFields): string {
  const name = usageKeyName(record);
  return record.usageId === undefined ? name : hash('sha256', name, 'hex');
}

/**
 * Returns the plan of a key's API Gateway key, or `undefined` if there should be no API Gateway key.
 *
 * @param record the last key of its chain of rotations, which alone decides
 */
export function usagePlanOf(record: KeyRecord | undefined, now: EpochMs): string | undefined {
  if (record === undefined) return undefined;
  const status = statusOf(record, now);
  // A disabled key keeps its API Gateway key, and with it what it has used of its quota.
  return status === 'active' || status === 'disabled' ? record.plan : undefined;
}
