import {
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  RestoreTableToPointInTimeCommand,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DEFAULT_AUTHORIZER_SETTINGS } from '../../../src/gateway/settings.ts';
import { createKeyClient } from '../../../src/client/create-key-client.ts';
import type { KeyClient } from '../../../src/client/key-client.ts';
import type { IssuedKey } from '../../../src/management/operations/issue-key.ts';
import { documentClient } from '../../../src/storage/client.ts';
import { KEY_ATTRIBUTE, TTL_ATTRIBUTE } from '../../../src/storage/table.ts';
import { Visitor, type Place } from '../acceptance/place.ts';
import { restEvent } from '../../support/authorizer/events.ts';
import { builtFunction } from '../../support/bundles/built-function.ts';
import type { EmulatedAccount } from './ministack.ts';

/** The deployed stack and its table. */
export interface Deployed {
  readonly place: Place;
  readonly tableName: string;
  readonly account: EmulatedAccount;
}

/**
 * Tests the procedure for a lost table in docs/operations.md: the restore, and the steps on the restored table. The emulator
 * always restores the current state, so the restore point itself is not tested.
 */
export function restoration(deployed: () => Deployed): void {
  let visitor: Visitor;
  let dynamodb: DynamoDBClient;
  let keys: KeyClient;
  let restored: string;
  let old: { readonly key: string; readonly prefix: string };

  beforeAll(async () => {
    const { place, tableName, account } = deployed();
    visitor = new Visitor(place);
    dynamodb = new DynamoDBClient(account.aws);
    restored = `${tableName}-restored`;
    keys = createKeyClient({ tableName: restored, label: 'lk', dynamodb: documentClient(account.aws) });
    const { key, record } = await visitor.invoke<IssuedKey>('create', { name: 'Before the damage', ownerId: 'acme' });
    if (key === null) throw new Error('The response has no key.');
    old = { key, prefix: record.prefix };
    await dynamodb.send(
      new RestoreTableToPointInTimeCommand({
        SourceTableName: tableName,
        TargetTableName: restored,
        UseLatestRestorableTime: true,
      }),
    );
    await waitUntilTableExists({ client: dynamodb, maxWaitTime: 60 }, { TableName: restored });
    // The restored table doesn't have the changes from here on.
    await visitor.invoke('revoke', { prefix: old.prefix });
  });
  afterAll(() => {
    visitor.close();
    dynamodb.destroy();
  });

  it('a restored table has the schema, the indexes, and the keys of the original', async () => {
    const schemaOf = async (TableName: string) => {
      const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName }));
      const indexes = Table?.GlobalSecondaryIndexes?.map(({ IndexName, KeySchema }) => ({ IndexName, KeySchema }));
      return { key: Table?.KeySchema, indexes, items: Table?.ItemCount };
    };
    const schema = await schemaOf(restored);
    expect(schema).toEqual(await schemaOf(deployed().tableName));
    expect(schema.key).toEqual([{ AttributeName: KEY_ATTRIBUTE, KeyType: 'HASH' }]);
    expect(await keys.get(old.prefix)).toMatchObject({ name: 'Before the damage', status: 'active' });
    const { records } = await keys.list({ ownerId: 'acme' });
    expect(records.map(({ prefix }) => prefix)).toContain(old.prefix);
  });

  it('a restored table has no TTL until it is enabled again', async () => {
    const ttl = async () => {
      const { TimeToLiveDescription } = await dynamodb.send(new DescribeTimeToLiveCommand({ TableName: restored }));
      return TimeToLiveDescription;
    };
    expect((await ttl())?.TimeToLiveStatus).toBe('DISABLED');
    const TimeToLiveSpecification = { AttributeName: TTL_ATTRIBUTE, Enabled: true };
    await dynamodb.send(new UpdateTimeToLiveCommand({ TableName: restored, TimeToLiveSpecification }));
    await expect.poll(ttl).toEqual({ AttributeName: TTL_ATTRIBUTE, TimeToLiveStatus: 'ENABLED' });
  });

  it('a restored table allows a key revoked after the restore point until the key client revokes it again', async () => {
    const { account } = deployed();
    const authorizer = builtFunction({
      ...{ name: 'authorizer', tableName: restored, endpoint: account.aws.endpoint },
      settings: { ...DEFAULT_AUTHORIZER_SETTINGS, label: 'lk' },
      variables: account.environment,
      log: () => undefined,
    });
    const effect = async () => {
      const outcome = await authorizer.invoke(JSON.stringify(restEvent({ headers: { 'x-api-key': old.key } })));
      return /"Effect":"(\w+)"/.exec(outcome.ok ? outcome.payload : '')?.[1];
    };
    try {
      expect(await effect()).toBe('Allow');
      expect(await keys.verify(old.key)).toMatchObject({ valid: true });
      await keys.revoke(old.prefix, { reason: 'ended before the restore' });
      expect(await effect()).toBe('Deny');
      expect(await keys.verify(old.key)).toEqual({ valid: false, reason: 'revoked' });
    } finally {
      await authorizer.stop();
    }
  });
}
