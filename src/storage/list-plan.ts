import type { EpochMs, KeyStatus } from '../core/keys/record.ts';
import type { ListQuery } from './key-store.ts';
import { BY_CREATION, BY_NAME, BY_OWNER, nameKey, ownerKey, type IndexSchema } from './table.ts';

/** The index that serves a list, and the query on it. */
export interface ListPlan {
  readonly index: IndexSchema;
  /** The value of the index's partition key. */
  readonly partition: string;
  readonly expression: {
    readonly KeyConditionExpression: string;
    readonly FilterExpression?: string | undefined;
    readonly ExpressionAttributeValues: Record<string, string | number>;
  };
}

const NOT_ENDED = 'attribute_not_exists(revokedAt) AND (attribute_not_exists(expiresAt) OR expiresAt > :now)';

/** The indexes don't have the attribute that disables a key, because the attributes of an existing index cannot change. */
const STATUS_FILTER: Record<KeyStatus, string> = {
  active: NOT_ENDED,
  disabled: NOT_ENDED,
  expired: 'attribute_not_exists(revokedAt) AND expiresAt <= :now',
  revoked: 'attribute_exists(revokedAt)',
};

/** Chooses the index that reads the fewest entries: the owner's, else the names', else all by creation. */
export function planList(query: ListQuery, now: EpochMs): ListPlan {
  const { label, ownerId, namePrefix, status } = query;
  const index = ownerId !== undefined ? BY_OWNER : namePrefix !== undefined ? BY_NAME : BY_CREATION;
  const partition = ownerId === undefined ? label : ownerKey(label, ownerId);

  const conditions = [`${index.partitionKey} = :partition`];
  const filters: string[] = [];
  const values: Record<string, string | number> = { ':partition': partition };
  if (namePrefix !== undefined) {
    // `nameKey` is the sort key of the index by name, and an ordinary attribute in the index by owner.
    (index === BY_NAME ? conditions : filters).push('begins_with(nameKey, :name)');
    values[':name'] = nameKey(namePrefix);
  }
  if (status !== undefined) {
    filters.push(STATUS_FILTER[status]);
    if (status !== 'revoked') values[':now'] = now;
  }
  return {
    index,
    partition,
    expression: {
      KeyConditionExpression: conditions.join(' AND '),
      FilterExpression: filters.length > 0 ? filters.join(' AND ') : undefined,
      ExpressionAttributeValues: values,
    },
  };
}
