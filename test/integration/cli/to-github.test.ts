import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import sodium from 'libsodium-wrappers';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { localDeployment, type LocalDeployment } from '../../support/cli/local-deployment.ts';

const TOKEN = 'test-token-of-the-operator';

interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** The part of GitHub's REST API that stores secrets of repositories. It opens the sealed boxes. */
async function fakeGitHub() {
  await sodium.ready;
  const { publicKey, privateKey } = sodium.crypto_box_keypair();
  const { ORIGINAL } = sodium.base64_variants;
  const received: Received[] = [];
  const secrets = new Map<string, string>();
  /** The status of the next requests with this method, and the headers of the response. */
  const faults = new Map<string, { readonly status: number; readonly location?: string }>();
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { method = '', url: path = '', headers } = request;
      received.push({ method, path, headers, body });
      const [status, answer] = answerTo(method, path, body);
      const { location } = faults.get(method) ?? {};
      response.writeHead(status, { 'content-type': 'application/json', ...(location && { location }) });
      response.end(answer === undefined ? '' : JSON.stringify(answer));
    });
  });
  function answerTo(method: string, path: string, body: string): [number, object?] {
    const fault = faults.get(method);
    if (fault !== undefined) return [fault.status, { message: `a message of GitHub that quotes ${body}` }];
    const [, name = ''] = /^\/api\/v3\/repos\/acme\/orders\/actions\/secrets\/([\w-]+)$/.exec(path) ?? [];
    if (method === 'GET' && name === 'public-key')
      return [200, { key_id: 'key-7', key: sodium.to_base64(publicKey, ORIGINAL) }];
    if (method === 'GET') return secrets.has(name) ? [200, { name }] : [404, { message: 'Not Found' }];
    const { encrypted_value, key_id } = JSON.parse(body) as { encrypted_value: string; key_id: string };
    if (method !== 'PUT' || name === '' || key_id !== 'key-7') return [422];
    const opened = sodium.crypto_box_seal_open(sodium.from_base64(encrypted_value, ORIGINAL), publicKey, privateKey);
    const status = secrets.has(name) ? 204 : 201;
    secrets.set(name, sodium.to_string(opened));
    return [status];
  }
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    api: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/api/v3`,
    received,
    secrets,
    faults,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

describe('--to-github', () => {
  let local: LocalDeployment;
  let github: Awaited<ReturnType<typeof fakeGitHub>>;
  beforeAll(async () => {
    [local, github] = await Promise.all([localDeployment(), fakeGitHub()]);
  });
  afterEach(() => {
    github.faults.clear();
    github.received.length = 0;
  });
  afterAll(async () => {
    github.stop();
    await local.stop();
  });

  const run = (args: readonly string[], env: Readonly<Record<string, string>> = { GH_TOKEN: TOKEN }) =>
    local.run(args, { env: { GITHUB_API_URL: github.api, ...env } });
  const create = (name: string, ...more: string[]) =>
    run(['create', name, '--to-github', `acme/orders:${name}`, ...more]);
  const recordOf = async (name: string) => {
    const { stdout } = await run(['list', '--name', name, '--json']);
    const { records } = JSON.parse(stdout) as { records: { prefix: string; status: string }[] };
    return records;
  };

  it('stores the key in a sealed box that only GitHub can open, and prints neither the key nor the token', async () => {
    const { code, stdout, stderr } = await create('FIRST');
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toContain('The key is in the GitHub secret "FIRST" of acme/orders.');
    expect(stderr).not.toContain(TOKEN);
    const key = github.secrets.get('FIRST') ?? '';
    expect(await local.statusOf(key)).toBe(200);
    expect(github.received.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /api/v3/repos/acme/orders/actions/secrets/public-key',
      'GET /api/v3/repos/acme/orders/actions/secrets/FIRST',
      'PUT /api/v3/repos/acme/orders/actions/secrets/FIRST',
    ]);
    for (const { headers, body } of github.received) {
      expect(headers).toMatchObject({
        authorization: `Bearer ${TOKEN}`,
        accept: 'application/vnd.github+json',
        'x-github-api-version': '2022-11-28',
      });
      expect(body).not.toContain(key);
    }
  });

  it('prints JSON without the key', async () => {
    const { code, stdout } = await create('JSON_KEY', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      key: null,
      storedIn: 'the GitHub secret "JSON_KEY" of acme/orders',
      record: { name: 'JSON_KEY' },
    });
  });

  it('uses GITHUB_TOKEN and --github-api', async () => {
    const args = ['create', 'API', '--to-github', 'acme/orders:API', '--github-api', github.api];
    const { code } = await run(args, { GITHUB_TOKEN: TOKEN, GITHUB_API_URL: 'https://github.invalid' });
    expect(code).toBe(0);
    expect(github.secrets.has('API')).toBe(true);
  });

  it('rejects a secret that exists, and issues no key', async () => {
    await create('TAKEN');
    const { code, stderr } = await create('TAKEN');
    expect(code).toBe(2);
    expect(stderr).toContain('acme/orders has a secret "TAKEN" already.');
    expect(await recordOf('TAKEN')).toHaveLength(1);
  });

  it('rotates a key, and replaces the value of the secret', async () => {
    await create('ROTATED');
    const first = github.secrets.get('ROTATED') ?? '';
    const [old] = await recordOf('ROTATED');
    const args = ['rotate', old?.prefix ?? '', '--overlap', '0s', '--yes', '--to-github', 'acme/orders:ROTATED'];
    const { code, stdout } = await run(args);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    const second = github.secrets.get('ROTATED') ?? '';
    expect(second).not.toBe(first);
    expect(await local.statusOf(second)).toBe(200);
    expect(await local.statusOf(first)).not.toBe(200);
  });

  it.each([
    [401, 3, 'GitHub rejected the token'],
    [403, 3, 'The token needs the permission "Secrets: write"'],
    [404, 3, 'GitHub has no repository acme/orders whose secrets the token can write'],
    [422, 1, 'GitHub rejected the secret "READ_'],
    [500, 3, 'GitHub failed with the status 500'],
  ])('issues no key if GitHub returns %i before', async (status, exitCode, message) => {
    github.faults.set('GET', { status });
    const name = `READ_${String(status)}`;
    const { code, stderr } = await create(name);
    expect(code).toBe(exitCode);
    expect(stderr).toContain(message);
    expect(await recordOf(name)).toEqual([]);
  });

  it.each([
    [401, 'GitHub rejected the token'],
    [403, 'The token needs the permission "Secrets: write"'],
    [404, 'GitHub has no repository acme/orders'],
    [422, 'GitHub rejected the secret'],
  ])('revokes the key if GitHub returns %i when it is stored', async (status, message) => {
    github.faults.set('PUT', { status });
    const name = `WRITE_${String(status)}`;
    const { code, stdout, stderr } = await create(name);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).toContain('The key is revoked. Create another one.');
    // The response quoted the request.
    expect(stderr).not.toContain('encrypted_value');
    expect(await recordOf(name)).toMatchObject([{ status: 'revoked', revokedReason: 'could not be stored' }]);
  });

  it('disables the new key of a rotation that can not be stored, so that the operator can complete it', async () => {
    await create('RETRIED');
    const [old] = await recordOf('RETRIED');
    github.faults.set('PUT', { status: 500 });
    const to = ['--yes', '--to-github', 'acme/orders:RETRIED'];
    const failed = await run(['rotate', old?.prefix ?? '', ...to]);
    expect(failed.code).toBe(1);
    const [, prefix = ''] = /Run "latchkey enable (\w+)", then rotate \1 in the same way\./.exec(failed.stderr) ?? [];
    expect(await recordOf('RETRIED')).toContainEqual(expect.objectContaining({ prefix, status: 'disabled' }));
    expect(await local.statusOf(github.secrets.get('RETRIED') ?? '')).toBe(200);
    github.faults.clear();
    expect((await run(['enable', prefix])).code).toBe(0);
    expect((await run(['rotate', prefix, '--overlap', '0s', ...to])).code).toBe(0);
    expect(await local.statusOf(github.secrets.get('RETRIED') ?? '')).toBe(200);
  });

  it('follows no redirect, so the token is not sent to another host', async () => {
    const other = await fakeGitHub();
    const location = `${other.api}/repos/acme/orders/actions/secrets/public-key`;
    github.faults.set('GET', { status: 307, location });
    const { code, stderr } = await create('MOVED');
    expect(code).toBe(3);
    expect(stderr).toContain('GitHub redirects requests for acme/orders.');
    expect(other.received).toEqual([]);
    expect(await recordOf('MOVED')).toEqual([]);
    other.stop();
  });

  it.each([
    [['--to-github', 'acme:NAME'], '--to-github must be OWNER/REPO:NAME'],
    [['--to-github', 'acme/..:NAME'], '--to-github must be OWNER/REPO:NAME'],
    [['--to-github', 'acme/orders:../x'], '--to-github must be OWNER/REPO:NAME'],
    [['--to-github', 'acme/orders:GITHUB_KEY'], '--to-github must be OWNER/REPO:NAME'],
    [['--to-github', 'acme/orders:A', '--github-api', 'http://github.example.com'], 'to an https URL'],
    [['--to-github', 'acme/orders:A', '--github-api', 'https://user@github.example.com'], 'to an https URL'],
    [['--to-github', 'acme/orders:A', '--to-secret', 'a'], "cannot be used with option '--to-github"],
    [['--to-github', 'acme/orders:A', '--out', 'a'], "cannot be used with option '--out"],
  ])('rejects %j', async (args, message) => {
    const { code, stderr } = await run(['create', 'Rejected', ...args]);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(github.received).toEqual([]);
  });

  it('asks for a token, which is never an argument', async () => {
    const { code, stderr } = await run(['create', 'x', '--to-github', 'acme/orders:X'], {});
    expect(code).toBe(2);
    expect(stderr).toContain('Set GH_TOKEN or GITHUB_TOKEN');
  });

  it('says that GitHub is not reachable', async () => {
    const args = ['create', 'x', '--to-github', 'acme/orders:X', '--github-api', 'http://127.0.0.1:9'];
    const { code, stderr } = await run(args);
    expect(code).toBe(3);
    expect(stderr).toContain("Can't reach GitHub at http://127.0.0.1:9");
  });
});
