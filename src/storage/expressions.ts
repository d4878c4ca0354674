import type { UpdateCommandInput } from '@aws-sdk/lib-dynamodb';
import type { StoredDigest } from '../core/keys/digest.ts';
import type { EpochMs } from '../core/keys/record.ts';
import type { OwnerChange } from './key-store.ts';
import { KEY_ATTRIBUTE, TTL_ATTRIBUTE } from './table.ts';

export const KEY_EXISTS = `attribute_exists(${KEY_ATTRIBUTE})`;
export const KEY_FREE = `attribute_not_exists(${KEY_ATTRIBUTE})`;

/** Conditions on {@link changeExpression} for a change of one of a key's times: the other, stored time must fit it. */
export const STARTS_BEFORE_NEW_EXPIRY = '(attribute_not_exists(notBefore) OR notBefore < :expiresAt)';
export const EXPIRES_AFTER_NEW_START = '(attribute_not_exists(expiresAt) OR expiresAt > :notBefore)';

/** The conditions of a write. If one fails, DynamoDB returns the item. */
export function conditionOn(...conditions: string[]) {
  return {
    ConditionExpression: conditions.join(' AND '),
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  } as const;
}

/** Records a use, unless one was recorded less than `intervalMs` ago. Never creates an item. */
export function touchExpression(now: EpochMs, intervalMs: number) {
  return {
    UpdateExpression: 'SET lastUsedAt = :now',
    ConditionExpression: `${KEY_EXISTS} AND (attribute_not_exists(lastUsedAt) OR lastUsedAt <= :due)`,
    ExpressionAttributeValues: { ':now': now, ':due': now - intervalMs },
  };
}

/** Replaces a digest, unless another writer has replaced it. */
export function replaceDigestExpression(from: StoredDigest, to: StoredDigest) {
  return {
    UpdateExpression: 'SET digest = :to',
    ConditionExpression: 'digest = :from',
    ExpressionAttributeValues: { ':from': from, ':to': to },
  };
}

/** Suspends an owner. If the owner is suspended, the first time and reason remain. */
export function suspendExpression({ label, ownerId, by, at }: OwnerChange, reason: string | undefined) {
  return ownerExpression(
    { ownerLabel: label, ownerId, suspendedAt: at, suspendedBy: by, suspendedReason: reason },
    ['suspendedBy', 'suspendedReason', 'resumedAt', 'resumedBy', TTL_ATTRIBUTE],
    'attribute_not_exists(suspendedAt)',
  );
}

/** Ends a suspension. TTL removes the owner's item later. */
export function resumeExpression({ by, at }: OwnerChange, ttl: number) {
  return ownerExpression(
    { resumedAt: at, resumedBy: by, [TTL_ATTRIBUTE]: ttl },
    ['suspendedAt', 'resumedBy'],
    'attribute_exists(suspendedAt)',
  );
}

/** Sets the given fields, and removes the fields of an earlier change that are not given. */
function ownerExpression(fields: Record<string, unknown>, earlier: readonly string[], condition: string) {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  const removed = earlier.filter((name) => !given.some(([other]) => other === name));
  return {
    UpdateExpression:
      `SET ${given.map(([name]) => `#${name} = :${name}`).join(', ')} ` +
      `REMOVE ${removed.map((name) => `#${name}`).join(', ')}`,
    ExpressionAttributeNames: Object.fromEntries(
      [...given.map(([name]) => name), ...removed].map((name) => [`#${name}`, name]),
    ) as Record<string, string>,
    ExpressionAttributeValues: Object.fromEntries(given.map(([name, value]) => [`:${name}`, value])),
    ...conditionOn(condition),
  };
}

type UpdateExpression = Required<
  Pick<UpdateCommandInput, 'UpdateExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'>
>;

/**
 * An administrative change: sets attributes, removes those that are `null`, keeps those that are `undefined`, and increments
 * the version. Conditions can use `#version`.
 */
export function changeExpression(changes: Record<string, unknown>): UpdateExpression {
  const defined = Object.entries(changes).filter(([, value]) => value !== undefined);
  const kept = defined.filter(([, value]) => value !== null);
  const removed = defined.filter(([, value]) => value === null).map(([name]) => `#${name}`);
  const set = ['#version = #version + :one', ...kept.map(([name]) => `#${name} = :${name}`)];
  return {
    UpdateExpression: `SET ${set.join(', ')}${removed.length > 0 ? ` REMOVE ${removed.join(', ')}` : ''}`,
    ExpressionAttributeNames: {
      '#version': 'version',
      ...Object.fromEntries(defined.map(([name]) => [`#${name}`, name])),
    },
    ExpressionAttributeValues: { ':one': 1, ...Object.fromEntries(kept.map(([name, value]) => [`:${name}`, value])) },
  };
}
