import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { jsonSchemaOf } from '../../../src/core/attributes/attributes.ts';
import type { IssuedKey } from '../../../src/management/operations/issue-key.ts';
import { localDeployment, type LocalDeployment } from '../../support/cli/local-deployment.ts';

const attributes = z.object({
  tenant: z.string().describe('whose it is'),
  plan: z.enum(['free', 'pro']).default('free'),
  seats: z.int().optional(),
  beta: z.boolean().optional(),
});

let local: LocalDeployment;
beforeAll(async () => {
  local = await localDeployment({ ownerSuspension: true }, { attributes: jsonSchemaOf(attributes) });
});
afterAll(() => local.stop());

async function json(...args: string[]): Promise<unknown> {
  const { code, stdout, stderr } = await local.run([...args, '--json']);
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}
const created = async (...args: string[]) =>
  (await json('create', 'Checkout', '--attribute', 'tenant=acme', ...args)) as IssuedKey;

describe('suspend and resume', () => {
  it('suspend and resume stop and restore all keys of an owner', async () => {
    const { key } = await created('--owner', 'acme');
    expect(await local.statusOf(key ?? '')).toBe(200);
    expect(await json('suspend', 'acme', '--reason', 'unpaid', '--by', 'ann', '--yes')).toMatchObject({
      ownerId: 'acme',
      suspended: true,
      suspendedBy: 'ann',
      suspendedReason: 'unpaid',
    });
    expect(await local.statusOf(key ?? '')).toBe(403);
    const verified = await local.run(['verify'], { stdin: key ?? '' });
    expect(verified).toMatchObject({ code: 1, stdout: expect.stringContaining('its owner is suspended') as string });
    expect((await local.run(['owner', 'acme'])).stdout).toMatch(/suspended[\s\S]*ann[\s\S]*unpaid/);
    expect(await json('resume', 'acme')).toMatchObject({ suspended: false });
    expect(await local.statusOf(key ?? '')).toBe(200);
  });

  it('suspend and resume record the user name by default', async () => {
    const owner = await json('suspend', 'bolt', '--yes');
    expect(owner).toMatchObject({ suspendedBy: expect.stringMatching(/./) as string });
  });

  it('suspend and resume do nothing without a confirmation', async () => {
    expect((await local.run(['suspend', 'careful'])).code).not.toBe(0);
    expect(await json('owner', 'careful')).toMatchObject({ suspended: false });
  });

  it.each([
    [['resume', 'never'], 1, 'is not suspended'],
    [['suspend', 'not an id', '--yes'], 2, 'The owner is not valid'],
  ])('suspend and resume reject %j', async (args, code, message) => {
    expect(await local.run(args)).toMatchObject({ code, stderr: expect.stringContaining(message) as string });
  });
});

describe('attributes', () => {
  it('attributes are converted to the types of the schema', async () => {
    const { record } = await created('--attribute', 'seats=5', '--attribute', 'beta=true');
    expect(record.metadata).toEqual({ tenant: 'acme', plan: 'free', seats: 5, beta: true });
    const named = await json('create', 'x', '--attribute', 'tenant=123');
    expect(named).toMatchObject({ record: { metadata: { tenant: '123' } } });
    expect((await local.run(['show', record.prefix])).stdout).toContain('"seats":5');
  });

  it('attributes change one at a time', async () => {
    const { record } = await created('--attribute', 'seats=5');
    expect(await json('update', record.prefix, '--attribute', 'plan=pro')).toMatchObject({
      metadata: { tenant: 'acme', plan: 'pro', seats: 5 },
    });
  });

  it.each([
    [['create', 'x'], 'metadata.tenant'],
    [['create', 'x', '--attribute', 'tenant=a', '--attribute', 'plan=gold'], 'metadata.plan'],
    [['create', 'x', '--attribute', 'tenant=a', '--attribute', 'colour=red'], 'metadata.colour'],
    [['create', 'x', '--attribute', 'tenant=a', '--attribute', 'seats=many'], 'metadata.seats'],
  ])('attributes are rejected with the name of the field: %j', async (args, field) => {
    expect(await local.run(args)).toMatchObject({ code: 2, stderr: expect.stringContaining(field) as string });
  });

  it('attributes are columns of a list', async () => {
    await created('--owner', 'listed', '--attribute', 'seats=7');
    const { stdout } = await local.run(['list', '--owner', 'listed']);
    expect(stdout).toMatch(/LAST USED\s+TENANT\s+PLAN\s+SEATS\s+BETA/);
    expect(stdout).toMatch(/acme\s+free\s+7\s+-/);
  });

  it('attributes are listed by the settings, with the accepted values', async () => {
    const { stdout } = await local.run(['settings']);
    expect(stdout).toMatch(/Attribute tenant\s+whose it is, required/);
    expect(stdout).toMatch(/Attribute plan\s+one of free, pro\s*$/m);
    expect(await json('settings')).toMatchObject({ label: 'lk', attributes: { required: ['tenant'] } });
  });
});

it('a deployment without attributes and owner suspension says so', async () => {
  const plain = await localDeployment();
  try {
    const suspended = await plain.run(['suspend', 'acme', '--yes']);
    expect(suspended).toMatchObject({ code: 1, stderr: expect.stringContaining('ownerSuspension: true') as string });
    const attribute = await plain.run(['create', 'x', '--attribute', 'tenant=a']);
    expect(attribute).toMatchObject({ code: 2, stderr: expect.stringContaining('no metadata schema') as string });
  } finally {
    await plain.stop();
  }
});
