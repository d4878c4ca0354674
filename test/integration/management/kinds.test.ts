import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { createKeyAuthorizer } from '../../../src/authorizer/key-authorizer.ts';
import { isLabel } from '../../../src/core/keys/key.ts';
import { DEFAULT_AUTHORIZER_SETTINGS } from '../../../src/gateway/settings.ts';
import { create } from '../../../src/management/operations/create.ts';
import { exportKeys } from '../../../src/management/operations/export.ts';
import { get } from '../../../src/management/operations/get.ts';
import { importKeys } from '../../../src/management/operations/import.ts';
import { list } from '../../../src/management/operations/list.ts';
import type { OperationContext } from '../../../src/management/operations/operation.ts';
import { owner, suspend } from '../../../src/management/operations/owner.ts';
import { revoke } from '../../../src/management/operations/revoke.ts';
import { rotate } from '../../../src/management/operations/rotate.ts';
import { update } from '../../../src/management/operations/update.ts';
import { usageOperation } from '../../../src/management/operations/usage.ts';
import { verify } from '../../../src/management/operations/verify.ts';
import { DynamoKeyStore } from '../../../src/storage/dynamo.ts';
import { restEvent } from '../../support/authorizer/events.ts';
import { testTable } from '../../support/storage/test-table.ts';

/** The table that all kinds of key share. */
let keys: DynamoKeyStore;
beforeAll(async () => {
  keys = new DynamoKeyStore({ ...(await testTable()), retentionSeconds: 1000 });
});

const kind = (label: string): OperationContext => ({
  settings: {
    label,
    importedFormats: ['sha256'],
    retentionSeconds: 1000,
    plans: {},
    restrictions: [],
    ownerSuspension: true,
  },
  keys,
  now: Date.now,
  randomBytes,
});

/** Returns the policy that the authorizer of a kind returns for a key, or the error that it throws. */
async function effect(label: string, key: string, importedFormats: readonly 'sha256'[] = []): Promise<string> {
  const settings = {
    ...DEFAULT_AUTHORIZER_SETTINGS,
    label,
    importedFormats,
    ownerSuspension: true,
    lastUsedIntervalSeconds: 0,
  };
  const authorizer = createKeyAuthorizer(settings, { keys, owners: keys, report: () => undefined });
  try {
    const answer = await authorizer(restEvent({ headers: { 'x-api-key': key } }));
    return 'policyDocument' in answer ? JSON.stringify(answer.policyDocument) : 'simple';
  } catch (error) {
    return String(error);
  }
}

// Few letters, so that one label is often the start of the other, like `lk` and `lk_a`.
const label = fc.stringMatching(/^[ab][a1]{0,2}(?:_[a1]{1,2}){0,2}$/).filter(isLabel);
const twoKinds = fc.tuple(label, label).filter(([one, other]) => one !== other);

const PREFIXED = [get, update, rotate, revoke, usageOperation({ read: () => Promise.resolve([]) })] as const;

it('the authorizer and the operations of one kind reject the keys of another kind', async () => {
  await fc.assert(
    fc.asyncProperty(twoKinds, async ([one, other]) => {
      const made = await create(kind(one), { name: 'a key', ownerId: 'both', metadata: { kind: one } });
      const key = made.key ?? '';
      const { prefix } = made.record;
      const before = await get(kind(one), { prefix });

      expect(await effect(one, key)).toContain('"Effect":"Allow"');
      for (const formats of [[], ['sha256']] as const)
        expect(await effect(other, key, formats)).not.toContain('"Allow"');
      expect(await verify(kind(other), { key })).toMatchObject({ valid: false });
      // The same secret with the other label is not a key of the other kind, even with a valid checksum.
      expect(await verify(kind(other), { key: `${other}${key.slice(one.length)}` })).toMatchObject({ valid: false });

      for (const operation of PREFIXED) {
        const input = operation === update ? { prefix, name: 'taken over' } : { prefix };
        await expect(operation(kind(other), input)).rejects.toMatchObject({ code: 'not_found' });
      }
      for (const query of [{}, { ownerId: 'both' }, { name: 'a' }]) {
        const { records } = await list(kind(other), { ...query, limit: 100 });
        expect(records.map((record) => record.label)).not.toContain(one);
      }
      const exported = await exportKeys(kind(one), { limit: 3 });
      expect((await exportKeys(kind(other), { limit: 3 })).records.map((record) => record.prefix)).not.toContain(
        prefix,
      );
      const { outcomes } = await importKeys(kind(other), { records: exported.records });
      expect(new Set(outcomes.map(({ outcome }) => outcome))).toEqual(new Set(['refused']));
      // An import under the other label doesn't make the original key valid there.
      const relabelled = exported.records.map((record) => ({ ...record, label: other }));
      await importKeys(kind(other), { records: relabelled });
      expect(await effect(other, key)).not.toContain('"Allow"');

      await suspend(kind(other), { ownerId: 'both' });
      expect(await owner(kind(one), { ownerId: 'both' })).toMatchObject({ suspended: false });
      expect(await effect(one, key)).toContain('"Effect":"Allow"');
      expect(await get(kind(one), { prefix })).toEqual(before);
      await revoke(kind(one), { prefix });
      // For the next pair with one of these labels.
      await keys.resumeOwner({ label: other, ownerId: 'both', by: undefined, at: Date.now() });
    }),
    { numRuns: 30 },
  );
}, 120_000);

it('the same idempotency token creates separate keys for two kinds', async () => {
  const input = { name: 'a key', idempotencyToken: 'the same' };
  const [one, other] = [await create(kind('one'), input), await create(kind('other'), input)];
  expect(one.key).toMatch(/^one_/);
  expect(other.key).toMatch(/^other_/);
  expect(other.record.prefix).not.toBe(one.record.prefix);
});
