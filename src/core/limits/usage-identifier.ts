import { statusOf, type EpochMs, type KeyRecord } from '../keys/record.ts';

/**
 * What the authorizer calls a key to API Gateway, whose usage plan then counts it: the name and the value of the
 * API Gateway key that stands for it. A chain of rotations has one, and so one count.
 *
 * It is no credential: an API whose `apiKeySource` is `AUTHORIZER` takes it from the authorizer alone. And no key can
 * be made from it.
 */
export function usageIdentifier(record: Pick<KeyRecord, 'label' | 'prefix' | 'countsAs'>): string {
  return `latchkey:${record.label}:${record.countsAs ?? record.prefix}`;
}

/**
 * The plan that an API Gateway key should be on, or `undefined` if there should be none.
 *
 * @param record the last of its chain of rotations, which alone decides
 */
export function usagePlanOf(record: KeyRecord | undefined, now: EpochMs): string | undefined {
  return record !== undefined && statusOf(record, now) === 'active' ? record.plan : undefined;
}
