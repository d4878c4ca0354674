import type { UpdateCommandInput } from '@aws-sdk/lib-dynamodb';
import type { StoredDigest } from '../domain/digest.ts';
import type { EpochMs } from '../domain/record.ts';
import { KEY_ATTRIBUTE } from './table.ts';

export const KEY_EXISTS = `attribute_exists(${KEY_ATTRIBUTE})`;
export const KEY_FREE = `attribute_not_exists(${KEY_ATTRIBUTE})`;

/** What a write depends on; when it fails, DynamoDB answers the item that stood in the way. */
export function conditionOn(...conditions: string[]) {
  return {
    ConditionExpression: conditions.join(' AND '),
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  } as const;
}

/** Notes a use, unless one has been noted less than `intervalMs` ago. Brings no key back to life. */
export function touchExpression(now: EpochMs, intervalMs: number) {
  return {
    UpdateExpression: 'SET lastUsedAt = :now',
    ConditionExpression: `${KEY_EXISTS} AND (attribute_not_exists(lastUsedAt) OR lastUsedAt <= :due)`,
    ExpressionAttributeValues: { ':now': now, ':due': now - intervalMs },
  };
}

/** Replaces a digest, unless it has been replaced meanwhile. */
export function replaceDigestExpression(from: StoredDigest, to: StoredDigest) {
  return {
    UpdateExpression: 'SET digest = :to',
    ConditionExpression: 'digest = :from',
    ExpressionAttributeValues: { ':from': from, ':to': to },
  };
}

type UpdateExpression = Required<
  Pick<UpdateCommandInput, 'UpdateExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'>
>;

/**
 * An administrative change: sets attributes, removes those that are `null`, leaves those that are `undefined`,
 * and counts the version up. Conditions may use `#version`.
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
