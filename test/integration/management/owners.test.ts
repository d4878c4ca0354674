import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { create } from '../../../src/management/operations/create.ts';
import type { OperationContext } from '../../../src/management/operations/operation.ts';
import { owner, resume, suspend } from '../../../src/management/operations/owner.ts';
import { rotate } from '../../../src/management/operations/rotate.ts';
import { settings } from '../../../src/management/operations/settings.ts';
import { verify } from '../../../src/management/operations/verify.ts';
import { DynamoKeyStore } from '../../../src/storage/dynamo.ts';
import { LABEL } from '../../support/storage/records.ts';
import { testTable } from '../../support/storage/test-table.ts';

const NOW = Date.UTC(2027, 0, 1);
let context: OperationContext;
beforeAll(async () => {
  context = {
    settings: {
      label: LABEL,
      importedFormats: [],
      retentionSeconds: 1000,
      plans: {},
      restrictions: [],
      ownerSuspension: true,
    },
    keys: new DynamoKeyStore({ ...(await testTable()), retentionSeconds: 1000 }),
    now: () => NOW,
    randomBytes,
  };
});
const key = async (ownerId?: string) => (await create(context, { name: 'a key', ownerId })).key ?? '';
const verdict = async (text: string, from = context) => {
  const answer = await verify(from, { key: text });
  return answer.valid || answer.reason;
};

describe('the suspension of an owner', () => {
  it('rejects all keys of the owner, and of no other owner, until the owner is resumed', async () => {
    const [one, other, othersKey, unownedKey] = [await key('acme'), await key('acme'), await key('bolt'), await key()];
    await suspend(context, { ownerId: 'acme', reason: 'unpaid', by: 'ann' });
    expect(await verdict(one)).toBe('suspended');
    expect(await verdict(other)).toBe('suspended');
    expect(await verdict(othersKey)).toBe(true);
    expect(await verdict(unownedKey)).toBe(true);
    // Keys that are created or rotated during the suspension are rejected too.
    const later = await key('acme');
    expect(await verdict(later)).toBe('suspended');
    const rotated = await rotate(context, { prefix: later.split('_')[2] });
    expect(await verdict(rotated.key ?? '')).toBe('suspended');

    await resume(context, { ownerId: 'acme' });
    expect(await verdict(one)).toBe(true);
    expect(await verdict(other)).toBe(true);
    expect(await verdict(rotated.key ?? '')).toBe(true);
  });

  it('records the principal, the reason and the time, and returns them later too', async () => {
    const suspended = {
      ownerId: 'told',
      label: LABEL,
      suspended: true,
      suspendedAt: '2027-01-01T00:00:00.000Z',
      suspendedBy: 'ann',
      suspendedReason: 'unpaid',
      resumedAt: null,
      resumedBy: null,
    };
    expect(await suspend(context, { ownerId: 'told', reason: 'unpaid', by: 'ann' })).toEqual(suspended);
    expect(await suspend(context, { ownerId: 'told', reason: 'again', by: 'bob' })).toEqual(suspended);
    expect(await owner(context, { ownerId: 'told' })).toEqual(suspended);
    const lifted = {
      ...suspended,
      suspended: false,
      suspendedAt: null,
      resumedAt: '2027-01-01T00:00:00.000Z',
      resumedBy: 'bob',
    };
    expect(await resume(context, { ownerId: 'told', by: 'bob' })).toEqual(lifted);
    expect(await owner(context, { ownerId: 'told' })).toEqual(lifted);
  });

  it('records the IAM principal of the caller by default', async () => {
    const caller = 'arn:aws:iam::000000000000:user/operator';
    expect(await suspend({ ...context, caller }, { ownerId: 'signed' })).toMatchObject({ suspendedBy: caller });
    expect(await resume({ ...context, caller }, { ownerId: 'signed' })).toMatchObject({ resumedBy: caller });
  });

  it('rejects a claimed name in an HTTP request, which has a principal', async () => {
    const caller = 'arn:aws:iam::000000000000:user/operator';
    for (const operation of [suspend, resume])
      await expect(operation({ ...context, caller }, { ownerId: 'named', by: 'ann' })).rejects.toMatchObject({
        code: 'invalid_input',
        message: expect.stringContaining('by: not accepted over HTTP') as string,
      });
    expect(await owner(context, { ownerId: 'named' })).toMatchObject({ suspended: false, suspendedBy: null });
  });

  it.each(['arn:aws:iam::000000000000:user/ceo', 'ARN:aws:sts::1:x', 'https://issuer.example#subject'])(
    'rejects %s as the name in a direct invocation, because it looks like a principal',
    async (by) => {
      for (const operation of [suspend, resume])
        await expect(operation(context, { ownerId: 'named', by })).rejects.toMatchObject({ code: 'invalid_input' });
    },
  );

  it('applies to one kind of key only', async () => {
    const partner = { ...context, settings: { ...context.settings, label: 'partner' } };
    const { key: partners } = await create(partner, { name: 'a key', ownerId: 'both' });
    await suspend(context, { ownerId: 'both' });
    expect(await verdict(partners ?? '', partner)).toBe(true);
    expect(await owner(partner, { ownerId: 'both' })).toMatchObject({ suspended: false });
    await expect(resume(partner, { ownerId: 'both' })).rejects.toMatchObject({ code: 'not_suspended', status: 409 });
  });

  it.each([suspend, resume, owner])(
    'the suspension of an owner is rejected if ownerSuspension is off',
    async (operation) => {
      const without = { ...context, settings: { ...context.settings, ownerSuspension: false } };
      const refused = { code: 'not_enabled', message: expect.stringContaining('ownerSuspension: true') as string };
      await expect(operation(without, { ownerId: 'acme' })).rejects.toMatchObject(refused);
    },
  );

  it.each([{}, { ownerId: 'with space' }, { ownerId: 'x', reason: '' }, { ownerId: 'x', by: 'b'.repeat(129) }])(
    'rejects the input %j',
    async (input) => {
      await expect(suspend(context, input)).rejects.toMatchObject({ code: 'invalid_input' });
    },
  );
});

describe('the operation settings', () => {
  it('returns the settings that apply to keys, and no others', async () => {
    const attributes = { type: 'object', properties: { tenant: { type: 'string' } } } as const;
    const own = { ...context.settings, plans: { free: { rate: '1/s' } }, attributes };
    expect(await settings({ ...context, settings: own }, {})).toEqual({
      label: LABEL,
      plans: { free: { rate: '1/s' } },
      attributes,
      readOnly: false,
      ownerSuspension: true,
      restrictions: [],
      importedFormats: [],
    });
    expect(await settings(context, {})).toMatchObject({ attributes: null });
    await expect(settings(context, { verbose: true })).rejects.toMatchObject({ code: 'invalid_input' });
  });
});
