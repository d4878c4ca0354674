import { randomUUID } from 'node:crypto';
import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, describe, expect, it } from 'vitest';
import { CANDIDATE_LIFETIME_MS, ROTATION_STEPS } from '../../../src/key-secrets/rotation.ts';
import { secretNameOf } from '../../../src/key-secrets/secret-value.ts';
import { testTable } from '../../support/storage/test-table.ts';
import { DAY_MS, OVERLAP_SECONDS, SecretUnderTest } from './secret-under-test.ts';
import type { Emulator } from './emulator.ts';

/** The four steps, as Secrets Manager documents them. */
export function fourSteps({ client }: Emulator): void {
  describe('the steps of a rotation', () => {
    let table: Awaited<ReturnType<typeof testTable>>;
    beforeAll(async () => {
      table = await testTable();
    });
    const issued = async (options: { lifetimeSeconds?: number } = {}) => {
      const secret = await SecretUnderTest.create(client(), table, options);
      await secret.issue();
      return secret;
    };

    it('stores the first key as AWSCURRENT, with a record that does not expire', async () => {
      const secret = await issued();
      const value = await secret.value();
      expect(value).toEqual({
        key: expect.any(String) as string,
        keyId: expect.any(String) as string,
        expiresAt: null,
      });
      expect(await secret.keys.get(value?.keyId ?? '')).toMatchObject({
        name: 'Checkout',
        ownerId: 'acme',
        scopes: ['GET /orders/*'],
        metadata: { tier: 'gold' },
        secretName: secretNameOf(secret.secretId),
      });
      expect(await secret.works(value, 3650 * DAY_MS)).toBe(true);
    });

    it('replaces the key, and keeps the previous one working for the overlap', async () => {
      const secret = await issued();
      const first = await secret.value();
      await secret.rotate(randomUUID());
      const second = await secret.value();
      expect(second?.keyId).not.toBe(first?.keyId);
      expect(await secret.works(second, 3650 * DAY_MS)).toBe(true);
      expect(await secret.works(first, OVERLAP_SECONDS * 1000 - 1)).toBe(true);
      expect(await secret.works(first, OVERLAP_SECONDS * 1000)).toBe(false);
      expect(await secret.value((await secret.staged()).previous)).toEqual(first);
    });

    it('links both keys as any rotation does, and counts their requests on the first', async () => {
      const secret = await issued();
      const first = await secret.value();
      for (let time = 0; time < 2; time++) await secret.rotate(randomUUID());
      const third = await secret.keys.get((await secret.value())?.keyId ?? '');
      const second = await secret.keys.get(third?.rotatedFrom ?? '');
      expect(second).toMatchObject({ rotatedFrom: first?.keyId, replacedBy: third?.prefix });
      expect(third).toMatchObject({ countsAs: first?.keyId, name: 'Checkout', ownerId: 'acme', usageId: 2 });
      expect(third?.secretName).toBe(secretNameOf(secret.secretId));
    });

    it('changes nothing when a step is repeated', async () => {
      const secret = await issued();
      const token = randomUUID();
      for (const step of ROTATION_STEPS) {
        await secret.step(step, token);
        const [value, staged, active] = [await secret.value(token), await secret.staged(), await secret.activeKeys()];
        for (const again of ROTATION_STEPS.slice(0, ROTATION_STEPS.indexOf(step) + 1)) await secret.step(again, token);
        expect(await secret.value(token)).toEqual(value);
        expect({ ...(await secret.staged()), rotatedAt: 0 }).toEqual({ ...staged, rotatedAt: 0 });
        expect(await secret.activeKeys()).toEqual(active);
      }
    });

    it('does not let the new key work before setSecret', async () => {
      const secret = await issued();
      const token = randomUUID();
      await secret.step('createSecret', token);
      expect(await secret.works(await secret.value(token))).toBe(false);
      await secret.step('setSecret', token);
      expect(await secret.works(await secret.value(token))).toBe(true);
    });

    it('rejects a step whose predecessor did not run', async () => {
      const secret = await issued();
      const token = randomUUID();
      for (const step of ['setSecret', 'finishSecret'] as const)
        await expect(secret.step(step, token)).rejects.toMatchObject({ code: 'no_pending_key' });
      await secret.step('createSecret', token);
      await expect(secret.step('finishSecret', token)).rejects.toMatchObject({ code: 'pending_key_lost' });
      expect(await secret.works(await secret.value())).toBe(true);
    });

    it('tests the current key when Secrets Manager runs testSecret alone to test the function', async () => {
      const secret = await issued();
      await secret.step('testSecret', randomUUID());
      await secret.keys.revoke((await secret.value())?.keyId ?? '', undefined, secret.now);
      await expect(secret.step('testSecret', randomUUID())).rejects.toMatchObject({ code: 'pending_key_rejected' });
    });

    it.each(['revoked', 'replaced', 'missing'] as const)('does not rotate a key that is %s', async (fate) => {
      const secret = await issued();
      const value = await secret.value();
      const keyId = value?.keyId ?? '';
      if (fate === 'revoked') await secret.keys.revoke(keyId, 'leaked', secret.now);
      if (fate === 'replaced')
        await secret.keys.update(keyId, { expiresAt: secret.now + 1000, replacedBy: 'AAAAAAAAAAAA' });
      if (fate === 'missing') await remove(table, keyId);
      const active = await secret.activeKeys();
      await expect(secret.rotate(randomUUID())).rejects.toMatchObject({ code: `current_key_${fate}` });
      expect(await secret.activeKeys()).toEqual(active);
      expect(await secret.value()).toEqual(value);
    });

    it('does not extend an expiry that an operator set', async () => {
      const secret = await issued();
      const expiresAt = secret.now + 10 * DAY_MS;
      await secret.keys.update((await secret.value())?.keyId ?? '', { expiresAt });
      await secret.rotate(randomUUID());
      const value = await secret.value();
      expect(value?.expiresAt).toBe(new Date(expiresAt).toISOString());
      expect(await secret.works(value, 10 * DAY_MS)).toBe(false);
      await secret.keys.update(value?.keyId ?? '', { expiresAt: secret.now - 1 });
      await expect(secret.rotate(randomUUID())).rejects.toMatchObject({ code: 'current_key_expired' });
    });

    it('gives each key a new lifetime, and recovers when a late rotation let the key expire', async () => {
      const secret = await issued({ lifetimeSeconds: 40 * 86_400 });
      expect((await secret.value())?.expiresAt).toBe(new Date(secret.now + 40 * DAY_MS).toISOString());
      secret.now += 41 * DAY_MS;
      expect(await secret.works(await secret.value())).toBe(false);
      await secret.rotate(randomUUID());
      const value = await secret.value();
      expect(await secret.works(value, 40 * DAY_MS - 1)).toBe(true);
      expect(await secret.works(value, 40 * DAY_MS)).toBe(false);
    });

    it('starts again with a new key when the pending one has expired or was revoked', async () => {
      for (const end of ['expired', 'revoked']) {
        const secret = await issued();
        const token = randomUUID();
        await secret.step('createSecret', token);
        await secret.step('setSecret', token);
        if (end === 'expired') secret.now += CANDIDATE_LIFETIME_MS;
        else await secret.keys.revoke((await secret.value(token))?.keyId ?? '', undefined, secret.now);
        await expect(secret.rotate(token)).rejects.toMatchObject({ code: 'pending_key_lost' });
        expect((await secret.staged()).pending === token).toBe(false);
        expect(await secret.works(await secret.value())).toBe(true);
        await secret.rotate(randomUUID());
        expect(await secret.works(await secret.value(), 3650 * DAY_MS)).toBe(true);
      }
    });

    it('starts again when an operator has stored another key in the secret during the rotation', async () => {
      for (const reached of ['setSecret', 'testSecret'] as const) {
        const secret = await issued();
        const token = randomUUID();
        for (const step of ROTATION_STEPS.slice(0, ROTATION_STEPS.indexOf(reached) + 1)) await secret.step(step, token);
        const replacement = await secret.replaceCurrentKey();
        await expect(secret.rotate(token)).rejects.toMatchObject({ code: 'pending_key_lost' });
        expect(await secret.value()).toEqual(replacement);
        await secret.rotate(randomUUID());
        const value = await secret.value();
        expect(await secret.works(replacement)).toBe(true);
        expect(await secret.activeKeys(CANDIDATE_LIFETIME_MS)).toContain(value?.keyId);
        expect(await secret.works(replacement, OVERLAP_SECONDS * 1000)).toBe(false);
      }
    });

    it('converges when two attempts of the same rotation run at once', async () => {
      const secret = await issued();
      const token = randomUUID();
      await secret.step('createSecret', token);
      await Promise.all([secret.step('setSecret', token), secret.step('setSecret', token)]);
      await Promise.allSettled([secret.step('finishSecret', token), secret.step('finishSecret', token)]);
      await secret.rotate(token);
      expect(await secret.works(await secret.value(), 3650 * DAY_MS)).toBe(true);
    });
  });
}

/** Deletes a record, as TTL does. */
async function remove({ client, tableName }: Awaited<ReturnType<typeof testTable>>, prefix: string): Promise<void> {
  await client.send(new DeleteCommand({ TableName: tableName, Key: { prefix } }));
}
