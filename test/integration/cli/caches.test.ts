import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fakeDeployment, type FakeDeployment } from './fake-deployment.ts';
import type { CacheFlush } from '../../../src/management/cache-flusher.ts';
import { latchkey } from '../../support/cli/latchkey.ts';

let deployment: FakeDeployment;
beforeAll(async () => {
  deployment = await fakeDeployment();
});
afterAll(() => {
  deployment.stop();
});

const PREFIX = '4fQ9aZ0bT1xW';
const key = { prefix: PREFIX, name: 'x', label: 'lk', status: 'revoked', scopes: [], metadata: {}, version: 2 };
const view = {
  ...key,
  ownerId: null,
  plan: null,
  limits: null,
  restrictions: null,
  createdAt: '2027-01-01T00:00:00.000Z',
  notBefore: null,
  expiresAt: null,
  revokedAt: null,
  revokedReason: null,
  replacedBy: null,
  rotatedFrom: null,
  lastUsedAt: null,
  importedFrom: null,
};
const owner = {
  ownerId: 'acme',
  label: 'lk',
  suspended: true,
  suspendedAt: '2027-01-01T00:00:00.000Z',
  suspendedBy: null,
  suspendedReason: null,
  resumedAt: null,
  resumedBy: null,
};
const successor = { key: null, record: { ...view, prefix: 'successor000' }, message: 'issued before' };

/** Runs a command on a deployment that returns these caches. */
function run(args: readonly string[], caches: CacheFlush) {
  const [command] = args;
  if (command === 'suspend') deployment.responses.push({ ...owner, caches });
  else deployment.responses.push(view, { ...(command === 'rotate' ? successor : view), caches });
  return latchkey([...args, '--yes'], { env: { LATCHKEY_ENDPOINT: deployment.endpoint } });
}

describe.each([
  ['revoke', ['revoke', PREFIX], 'the key', 1, `latchkey revoke ${PREFIX}`],
  ['suspend', ['suspend', 'acme'], 'its keys', 1, 'latchkey suspend acme'],
  // The new key works, and a script must not discard it.
  ['rotate', ['rotate', PREFIX, '--overlap', '0s'], 'the old key', 0, `latchkey revoke ${PREFIX}`],
] as const)('%s', (command, args, whose, codeOfUnflushed, again) => {
  it(`${command} says which caches were flushed`, async () => {
    const caches = { flushed: ['rest/a1/prod', 'http/b2/$default'], pending: [], failed: [] };
    const { code, stderr } = await run(args, caches);
    expect(code).toBe(0);
    expect(stderr).toContain(
      `Cache flushed: rest/a1/prod, http/b2/$default. Requests with ${whose} are rejected there.\n`,
    );
    expect(stderr).toContain(`On other stages a cached result can allow ${whose} for up to the cache TTL.\n`);
    expect(stderr).not.toContain('failed');
    expect(stderr).not.toContain('pending');
  });

  it(`${command} says when no cache was flushed`, async () => {
    const { code, stderr } = await run(args, { flushed: [], pending: [], failed: [] });
    expect(code).toBe(0);
    expect(stderr).toContain(`No cache was flushed: a cached result can allow ${whose} for up to the cache TTL.\n`);
  });

  it.each(['pending', 'failed'] as const)(
    `${command} warns of a cache flush that is %s, and says what to do`,
    async (outcome) => {
      const caches = { flushed: [], pending: [], failed: [], [outcome]: ['rest/a1/prod'] };
      const { code, stderr } = await run(args, caches);
      expect(code).toBe(codeOfUnflushed);
      expect(stderr).not.toContain('Cache flushed');
      expect(stderr).toContain(`Cache flush ${outcome}: rest/a1/prod. Run "${again}" to flush again.\n`);
    },
  );

  it(`${command} --json reports the caches in the output only`, async () => {
    const caches = { flushed: [], pending: ['http/b2/$default'], failed: ['rest/a1/prod'] };
    const { code, stdout, stderr } = await run([...args, '--json'], caches);
    expect({ code, stderr }).toEqual({ code: codeOfUnflushed, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ caches });
  });
});

it('rotate with an overlap does not mention caches, because no key stopped working', async () => {
  const { stderr } = await run(['rotate', PREFIX, '--overlap', '1h'], { flushed: [], pending: [], failed: [] });
  expect(stderr).not.toContain('flush');
});

describe('revoke with several prefixes', () => {
  const OTHER = '7hR2cY5dU3zV';
  const caches = { flushed: ['rest/a1/prod'], pending: [], failed: [] };
  const later = { flushed: [], pending: ['rest/a1/prod'], failed: [] };
  const env = () => ({ env: { LATCHKEY_ENDPOINT: deployment.endpoint } });

  it('reports every key and the one flush', async () => {
    deployment.responses.push(view, { ...view, prefix: OTHER }, { ...view, caches: later });
    deployment.responses.push({ ...view, prefix: OTHER, caches });
    const { code, stdout, stderr } = await latchkey(['revoke', PREFIX, OTHER, PREFIX, '--yes'], env());
    expect(code).toBe(0);
    for (const prefix of [PREFIX, OTHER]) expect(stdout).toContain(prefix);
    expect(stderr).toContain('Cache flushed: rest/a1/prod. Requests with the keys are rejected there.\n');
    expect(stderr).not.toContain('pending');
    expect(deployment.responses).toEqual([]);
  });

  it('prints one JSON object with --json', async () => {
    deployment.responses.push(view, { ...view, prefix: OTHER }, { ...view, caches: later });
    deployment.responses.push({ ...view, prefix: OTHER, caches });
    const { stdout } = await latchkey(['revoke', PREFIX, OTHER, '--yes', '--json'], env());
    expect(JSON.parse(stdout)).toEqual({ records: [view, { ...view, prefix: OTHER }], caches });
  });

  it('revokes none of them if one does not exist', async () => {
    deployment.responses.push(view, { error: { code: 'not_found', message: 'There is no key 7hR2cY5dU3zV.' } });
    const { code, stderr } = await latchkey(['revoke', PREFIX, OTHER, '--yes'], env());
    expect(code).toBe(1);
    expect(stderr).toContain('There is no key 7hR2cY5dU3zV.');
    expect(deployment.responses).toEqual([]);
  });
});
