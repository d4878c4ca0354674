import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IssuedKey } from '../../../src/management/operations/issue-key.ts';
import type { KeyView } from '../../../src/management/view.ts';
import { localDeployment, type LocalDeployment } from '../../support/cli/local-deployment.ts';

let local: LocalDeployment;
beforeAll(async () => {
  local = await localDeployment({ restrictions: ['sourceIp'] });
});
afterAll(() => local.stop());

async function json<Answer>(...args: string[]): Promise<Answer> {
  const { code, stdout, stderr } = await local.run([...args, '--json']);
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Answer;
}
async function created(...args: string[]): Promise<{ key: string; prefix: string }> {
  const { key, record } = await json<IssuedKey>('create', 'Checkout', ...args);
  return { key: key ?? '', prefix: record.prefix };
}

describe('restrictions', () => {
  it('restrictions apply to the first request for IP addresses, and can be removed', async () => {
    const { key, prefix } = await created('--source-ip', '192.0.2.0/24', '--source-ip', '2001:db8::/32');
    expect(await local.statusOf(key)).toBe(403);
    expect((await local.run(['show', prefix])).stdout).toMatch(/Restrictions +.*192\.0\.2\.0\/24.*2001:db8::\/32/);

    await json('update', prefix, '--source-ip', '127.0.0.0/8', '--source-ip', '::1');
    expect(await local.statusOf(key)).toBe(200);
    await json('update', prefix, '--stage', 'prod');
    expect(await local.statusOf(key)).toBe(403);
    expect(await json<KeyView>('update', prefix, '--clear-restrictions')).toMatchObject({ restrictions: null });
    expect(await local.statusOf(key)).toBe(200);
  });

  it('restrictions reject a key until its start time, or until the start time is removed', async () => {
    const { key, prefix } = await created('--not-before', '7d');
    expect(await local.statusOf(key)).toBe(403);
    expect((await local.run(['verify'], { stdin: key })).stdout).toContain('it is not valid yet (not_yet_valid)');
    await json('update', prefix, '--clear-not-before');
    expect(await local.statusOf(key)).toBe(200);
  });

  it('restrictions can be checked with verify', async () => {
    const { key } = await created('--source-ip', '192.0.2.0/24', '--stage', 'prod');
    const tried = async (...args: string[]) => (await local.run(['verify', ...args], { stdin: key })).stdout.trim();
    expect(await tried('--source-ip', '192.0.2.7', '--stage', 'prod')).toMatch(/^valid/);
    expect(await tried('--source-ip', '198.51.100.1')).toBe(
      'not valid: it is not allowed from this IP address (source_ip)',
    );
    expect(await tried('--stage', 'test')).toBe('not valid: it is not allowed on this stage (stage)');
  });

  it('restrictions are rejected and not listed by the settings if the deployment does not enforce them', async () => {
    expect((await local.run(['settings'])).stdout).toMatch(/Restrictions +stages, times, sourceIp\n/);
    expect(await local.run(['create', 'Shop', '--origin', 'https://shop.example.com'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('origin') as string,
    });
  });

  it.each([
    [['create', 'x', '--source-ip', '300.0.0.1'], 'an IPv4 or IPv6 address or CIDR range'],
    [['create', 'x', '--stage', 'no stage'], 'the name of a stage'],
    [['create', 'x', '--not-before', '30d', '--expires', '7d'], 'not before the expiry'],
    [['update', 'abcdefghijkl', '--stage', 'prod', '--clear-restrictions'], 'cannot be used with'],
  ])('restrictions are rejected: %j', async (args, message) => {
    expect(await local.run(args)).toMatchObject({ code: 2, stderr: expect.stringContaining(message) as string });
  });
});
