import type { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import { usageIdentifier, usageKeyName, usagePlanOf } from '../core/limits/usage-identifier.ts';
import type { KeyStore } from '../storage/key-store.ts';
import type { Change } from '../events/changes.ts';
import { bringInStep, type UsagePlanIds } from './api-gateway-keys.ts';

export interface SyncDependencies {
  readonly apiGateway: APIGatewayClient;
  readonly keys: Pick<KeyStore, 'get'>;
  readonly label: string;
  readonly usagePlanIds: UsagePlanIds;
  /** @default Date.now */
  readonly now?: () => number;
}

/**
 * Keeps API Gateway's keys in step with ours: a change only says which key to look at, and the table, what to
 * make of it. So it does not matter how old the change is, or how often it comes.
 */
export function createUsagePlanSync({ apiGateway, keys, label, usagePlanIds, now = Date.now }: SyncDependencies) {
  return async ({ before, after }: Change): Promise<void> => {
    const changed = after ?? before;
    if (changed?.label !== label) return;
    // Writing `lastUsedAt` changes nothing here.
    if (before !== undefined && before.version === after?.version) return;
    const record = await keys.get(changed.prefix, { consistent: true });
    // The successor of a rotated key has the same API Gateway key, and alone decides about it.
    if ((record ?? changed).replacedBy !== undefined) return;
    const plan = usagePlanOf(record, now());
    await bringInStep(
      apiGateway,
      { name: usageKeyName(changed), value: usageIdentifier(changed) },
      plan === undefined ? undefined : usagePlanIds[plan],
    );
  };
}
