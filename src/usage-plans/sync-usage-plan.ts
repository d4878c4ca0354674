import type { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import { usageIdentifier, usageKeyName, usagePlanOf } from '../core/limits/usage-identifier.ts';
import type { KeyStore } from '../storage/key-store.ts';
import type { Change } from '../events/changes.ts';
import { syncKey, type UsagePlanIds } from './api-gateway-keys.ts';

export interface SyncDependencies {
  readonly apiGateway: APIGatewayClient;
  readonly keys: Pick<KeyStore, 'get'>;
  readonly label: string;
  readonly usagePlanIds: UsagePlanIds;
  /** @default Date.now */
  readonly now?: () => number;
}

/**
 * Returns a handler that syncs API Gateway's keys with the keys table. It takes only the key's id from a change and reads
 * the current record from the table, so changes can arrive late and more than once.
 */
export function createUsagePlanSync({ apiGateway, keys, label, usagePlanIds, now = Date.now }: SyncDependencies) {
  return async ({ before, after }: Change): Promise<void> => {
    const changed = after ?? before;
    if (changed?.label !== label) return;
    // A change of `lastUsedAt` does not change the version.
    if (before !== undefined && before.version === after?.version) return;
    const record = await keys.get(changed.prefix, { consistent: true });
    // The successor of a rotated key has the same API Gateway key, and its own change syncs it.
    if ((record ?? changed).replacedBy !== undefined) return;
    const plan = usagePlanOf(record, now());
    await syncKey(
      apiGateway,
      { name: usageKeyName(changed), value: usageIdentifier(changed) },
      plan === undefined ? undefined : usagePlanIds[plan],
    );
  };
}
