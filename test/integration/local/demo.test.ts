import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import type { KeyList } from '../../../src/management/operations/list.ts';
import type { KeyUsage } from '../../../src/management/operations/usage.ts';
import { localForTest } from '../../support/local/running.ts';

const run = promisify(execFile);
const demo = (endpoint: string) => run(process.execPath, ['local/demo.ts', '--endpoint', endpoint]);

it('npm run demo adds keys, owners and 30 days of usage to the running local server once', async () => {
  const local = await localForTest({ authorizer: { ownerSuspension: true } });
  expect((await demo(local.adminUrl)).stdout).toMatch(/^Added 13 keys of 5 owners, with 30 days of usage\./);
  expect((await demo(local.adminUrl)).stdout).toBe('The demo data is already there.\n');

  const { records } = (await local.call('list-keys', {})) as unknown as KeyList;
  expect(records).toHaveLength(13);
  expect(new Set(records.map(({ ownerId }) => ownerId).filter((owner) => owner !== null)).size).toBe(5);
  expect(new Set(records.map(({ status }) => status))).toEqual(new Set(['active', 'expired', 'revoked']));
  expect(records.find(({ name }) => name === 'Leaked in a gist')).toMatchObject({ status: 'revoked' });
  const inTwoDays = Date.now() + 2 * 24 * 3_600_000;
  const expiring = records.filter((key) => key.status === 'active' && Date.parse(key.expiresAt ?? '') < inTwoDays);
  expect(expiring.map(({ name }) => name)).toEqual(['Load test, staging']);
  const { prefix } = records.find(({ name }) => name === 'Checkout service') ?? {};
  const usage = (await local.call('get-usage', { prefix })) as unknown as KeyUsage;
  expect(usage.days).toHaveLength(30);
  expect(await local.call('get-owner', { ownerId: 'hooli' })).toMatchObject({
    suspended: true,
    suspendedBy: 'billing',
  });
}, 300_000);

it('npm run demo says what to do if no local server is running', async () => {
  await expect(demo('http://127.0.0.1:1')).rejects.toMatchObject({
    code: 1,
    stderr: 'No local server responds at http://127.0.0.1:1. Run "npm start" first, or use --endpoint.\n',
  });
});
