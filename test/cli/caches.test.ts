import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fakeDeployment, type FakeDeployment } from './fake-deployment.ts';
import { latchkey } from './latchkey.ts';

let deployment: FakeDeployment;
beforeAll(async () => {
  deployment = await fakeDeployment();
});
afterAll(() => {
  deployment.stop();
});

const PREFIX = '4fQ9aZ0bT1xW';
const key = { prefix: PREFIX, name: 'x', label: 'lk', status: 'revoked', scopes: [], metadata: {}, version: 2 };
const view = { ...key, ownerId: null, plan: null, limits: null, restrictions: null, revokedReason: null };
const owner = {
  ownerId: 'acme',
  label: 'lk',
  suspended: true,
  suspendedBy: null,
  suspendedReason: null,
  resumedBy: null,
};
const successor = { key: null, record: { ...view, prefix: 'successor000' }, message: 'issued before' };

/** Runs a command on a deployment whose caches this becomes of. */
function run(args: readonly string[], caches: { flushed: string[]; failed: string[] }) {
  const [command] = args;
  if (command === 'suspend') deployment.answers.push({ ...owner, caches });
  else deployment.answers.push(view, { ...(command === 'rotate' ? successor : view), caches });
  return latchkey([...args, '--yes'], { env: { LATCHKEY_ENDPOINT: deployment.endpoint } });
}

describe.each([
  ['revoke', ['revoke', PREFIX], 'the key', 1, `latchkey revoke ${PREFIX}`],
  ['suspend', ['suspend', 'acme'], 'its keys', 1, 'latchkey suspend acme'],
  // Its new key is good, and a script must not throw it away.
  ['rotate', ['rotate', PREFIX], 'the old key', 0, `latchkey revoke ${PREFIX}`],
] as const)('%s', (_, args, whose, codeOfFailed, again) => {
  it('says where the caches have forgotten', async () => {
    const { code, stderr } = await run(args, { flushed: ['rest/a1/prod', 'http/b2/$default'], failed: [] });
    expect(code).toBe(0);
    expect(stderr).toContain(
      `Flushed: rest/a1/prod, http/b2/$default; elsewhere ${whose} can get in for up to the cache TTL.\n`,
    );
    expect(stderr).not.toContain('Not flushed');
  });

  it('warns where they have not, and says what to do', async () => {
    const { code, stderr } = await run(args, { flushed: [], failed: ['rest/a1/prod'] });
    expect(code).toBe(codeOfFailed);
    expect(stderr).toContain(`No cache was flushed; where one is ${whose} can get in for up to the cache TTL.\n`);
    expect(stderr).toContain(`Not flushed: rest/a1/prod, where it should be. "${again}" flushes again.\n`);
  });

  it('in JSON only there', async () => {
    const { code, stdout, stderr } = await run([...args, '--json'], { flushed: [], failed: ['rest/a1/prod'] });
    expect({ code, stderr }).toEqual({ code: codeOfFailed, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ caches: { flushed: [], failed: ['rest/a1/prod'] } });
  });
});

it('a rotation with an overlap says nothing of caches: nothing has ended', async () => {
  const { stderr } = await run(['rotate', PREFIX, '--overlap', '1h'], { flushed: [], failed: [] });
  expect(stderr).not.toContain('flushed');
});
