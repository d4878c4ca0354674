import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { ConsoleSettings } from '../../../console/hosting/settings.ts';
import { latchkey } from '../../support/cli/latchkey.ts';
import { localDeployment, type LocalDeployment } from '../../support/cli/local-deployment.ts';

let deployment: LocalDeployment;
let running: Console;
beforeAll(async () => {
  deployment = await localDeployment({ ownerSuspension: true });
  running = await startConsole();
});
afterAll(async () => {
  await running.stop();
  await deployment.stop();
});

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

interface Console {
  readonly origin: string;
  readonly link: string;
  /** Sends a request with any headers. */
  send(method: string, path: string, headers?: Record<string, string>, body?: string): Promise<Reply>;
  /** Presses Enter, and returns the next link. */
  nextLink(): Promise<string>;
  /** Stops the console, and returns its stderr. */
  stop(): Promise<{ code: number | null; stderr: string }>;
}

/** Starts the console of the built CLI on a free port. */
async function startConsole(
  args: readonly string[] = ['--no-open'],
  env: Record<string, string> = {},
): Promise<Console> {
  const child: ChildProcess = spawn(
    process.execPath,
    ['dist/cli/index.mjs', 'console', ...args, '--endpoint', deployment.adminUrl],
    { env: { PATH: process.env['PATH'], ...env } },
  );
  const { stdin, stdout, stderr } = child;
  if (stdin === null || stdout === null || stderr === null) throw new Error('no pipes');
  const errors = text(stderr);
  const lines = createInterface({ input: stdout });
  const nextLine = async () => String((await once(lines, 'line'))[0]);
  const link = await nextLine();
  const { origin, port } = new URL(link);
  return {
    origin,
    link,
    nextLink: async () => {
      stdin.write('\n');
      return nextLine();
    },
    send: (method, path, headers = {}, body = '') =>
      new Promise((resolve, reject) => {
        const outgoing = request({
          host: '127.0.0.1',
          port,
          method,
          path,
          headers: { Host: `127.0.0.1:${port}`, ...headers },
        });
        outgoing.on('error', reject);
        outgoing.on('response', (response) => {
          void text(response).then((reply) => {
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body: reply });
          });
        });
        outgoing.end(body);
      }),
    stop: async () => {
      const ended = once(child, 'close');
      child.kill('SIGINT');
      await ended;
      return { code: child.exitCode, stderr: await errors };
    },
  };
}

const tokenOf = (link: string) => new URLSearchParams(new URL(link).hash.slice(1)).get('token') ?? '';
const own = () => ({ Origin: running.origin, 'Sec-Fetch-Site': 'same-origin', 'Content-Type': 'application/json' });
const openLink = (link: string) =>
  running.send('POST', '/api/session', own(), JSON.stringify({ token: tokenOf(link) }));

/** Opens a link, and returns the cookie. */
async function cookie(): Promise<string> {
  const { headers } = await openLink(await running.nextLink());
  return String(headers['set-cookie']).split(';', 1)[0] ?? '';
}

describe('the link', () => {
  it('the link has its token in the fragment, which browsers do not send', () => {
    expect(new URL(running.link)).toMatchObject({ hostname: '127.0.0.1', pathname: '/', search: '' });
    expect(tokenOf(running.link)).toMatch(/^[\w-]{43}$/);
  });

  it('the link works once, and sets a cookie that scripts cannot read and other sites cannot send', async () => {
    const first = await openLink(running.link);
    expect(first.status).toBe(200);
    const port = new URL(running.origin).port;
    expect(String(first.headers['set-cookie'])).toMatch(
      new RegExp(`^latchkey-console-${port}=[\\w-]{43}; Path=/api; HttpOnly; SameSite=Strict$`),
    );
    expect(await openLink(running.link)).toMatchObject({ status: 401 });
  });

  it('the link is replaced by a new one when the user presses Enter', async () => {
    const [one, other] = [await running.nextLink(), await running.nextLink()];
    expect(one).not.toBe(other);
    const cookies = [await openLink(other), await openLink(one)].map(({ headers }) => String(headers['set-cookie']));
    // Each link starts a separate session.
    expect(cookies[0]).not.toBe(cookies[1]);
    for (const set of cookies) {
      const Cookie = set.split(';', 1)[0] ?? '';
      expect(await running.send('GET', '/api/settings', { Cookie })).toMatchObject({ status: 200 });
    }
  });

  it.runIf(process.platform === 'linux')(
    'the link is passed to the browser in a private file, not on the command line',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'console-test-'));
      onTestFinished(() => rm(folder, { recursive: true }));
      const [bin, temporary] = [join(folder, 'bin'), join(folder, 'tmp')];
      await Promise.all([mkdir(bin), mkdir(temporary)]);
      // Replaces the program that opens files, and records its arguments and the file.
      const desktop = `#!/bin/sh
printf '%s\\n' "$@" > "${folder}/arguments"
cat "$1" > "${folder}/page"
stat -c %a "$1" "$(dirname "$1")" > "${folder}/modes"
touch "${folder}/opened"
`;
      await writeFile(join(bin, 'xdg-open'), desktop, { mode: 0o755 });
      const env = { PATH: `${bin}:${process.env['PATH'] ?? ''}`, TMPDIR: temporary };
      const opening = await startConsole([], env);
      await expect.poll(() => existsSync(join(folder, 'opened'))).toBe(true);
      const [started, page, modes] = await Promise.all(
        ['arguments', 'page', 'modes'].map((name) => readFile(join(folder, name), 'utf8')),
      );
      expect(started).not.toContain(tokenOf(opening.link));
      expect(page).toContain(`url=${opening.link}"`);
      expect(modes).toBe('600\n700\n');
      expect(await opening.stop()).toMatchObject({ code: 0 });
      expect(await readdir(temporary)).toEqual([]);
    },
  );

  it('the link is the only way to start a session', async () => {
    for (const token of ['', 'x', 'A'.repeat(43), 'é'.repeat(43)])
      expect(await openLink(`${running.origin}/#token=${token}`)).toMatchObject({ status: 401 });
    for (const body of ['', '{', '[]', '{"token":1}', '{"token":"x","more":1}'])
      expect(await running.send('POST', '/api/session', own(), body)).toMatchObject({ status: 401 });
  });
});

describe('without a session', () => {
  it('every route of the API is rejected', async () => {
    for (const [method, path] of [
      ['GET', '/api/settings'],
      ['GET', '/api/keys'],
      ['GET', '/api/keys/000000000000/usage'],
      ['POST', '/api/keys'],
      ['GET', '/api/nowhere'],
    ] as const)
      expect(await running.send(method, path, own(), method === 'POST' ? '{}' : ''), path).toMatchObject({
        status: 401,
      });
    const port = new URL(running.origin).port;
    const forged = { ...own(), Cookie: `latchkey-console-${port}=${'A'.repeat(43)}` };
    expect(await running.send('GET', '/api/keys', forged)).toMatchObject({ status: 401 });
  });
});

describe('another page', () => {
  it('a page of another site is rejected with another Host header, as in DNS rebinding', async () => {
    const { port } = new URL(running.origin);
    const Cookie = await cookie();
    for (const Host of ['evil.example', `evil.example:${port}`, `localhost:${port}`, '127.0.0.1']) {
      expect(await running.send('GET', '/api/keys', { Cookie, Host }), Host).toMatchObject({ status: 421 });
      expect(await running.send('GET', '/', { Host }), Host).toMatchObject({ status: 421 });
    }
  });

  it('a page of another site cannot call the API even with the user’s cookie, as in CSRF', async () => {
    const Cookie = await cookie();
    const key = JSON.stringify({ name: 'forged' });
    const from = (headers: Record<string, string>) =>
      running.send('POST', '/api/keys', { Cookie, 'Content-Type': 'text/plain', ...headers }, key);
    expect(await from({})).toMatchObject({ status: 403 });
    for (const Origin of ['http://evil.example', 'null', 'http://127.0.0.1:1', `${running.origin}.evil.example`])
      expect(await from({ Origin }), Origin).toMatchObject({ status: 403 });
    expect(await from({ Origin: running.origin, 'Sec-Fetch-Site': 'cross-site' })).toMatchObject({ status: 403 });
    const get = (headers: Record<string, string>) => running.send('GET', '/api/keys', { Cookie, ...headers });
    expect(await get({ Origin: 'http://evil.example' })).toMatchObject({ status: 403 });
    // Another port of this machine is the same site, and not the same origin.
    expect(await get({ 'Sec-Fetch-Site': 'same-site' })).toMatchObject({ status: 403 });
    expect(await get({ 'Sec-Fetch-Site': 'same-origin' })).toMatchObject({ status: 200 });
  });

  it('a page of another site can link to the console, but cannot load anything from it', async () => {
    const cross = { 'Sec-Fetch-Site': 'cross-site' };
    expect(await running.send('GET', '/', { ...cross, 'Sec-Fetch-Mode': 'navigate' })).toMatchObject({ status: 200 });
    expect(await running.send('GET', '/', { ...cross, 'Sec-Fetch-Mode': 'no-cors' })).toMatchObject({ status: 403 });
  });
});

describe('every response', () => {
  it('every response is not cached, cannot be framed, and runs only the console’s own files', async () => {
    const Cookie = await cookie();
    const script =
      /src="(?<path>\/assets\/[^"]+\.js)"/.exec((await running.send('GET', '/')).body)?.groups?.['path'] ?? '';
    for (const reply of [
      await running.send('GET', '/'),
      await running.send('GET', script),
      await running.send('GET', '/api/keys', { Cookie }),
      await running.send('GET', '/nowhere'),
      await running.send('GET', '/api/keys'),
      await running.send('GET', '/', { Host: 'evil.example' }),
    ]) {
      const { headers } = reply;
      expect(headers).toMatchObject({
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'cross-origin-resource-policy': 'same-origin',
      });
      const policy = String(headers['content-security-policy']);
      expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self';");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toMatch(/unsafe|\*/);
      expect(headers).not.toHaveProperty('access-control-allow-origin');
    }
  });

  it('contains only files of the built pages', async () => {
    for (const path of [
      '/../cli/index.mjs',
      '/%2e%2e/cli/index.mjs',
      '/..%2fcli%2findex.mjs',
      '/assets/../../cli/index.mjs',
    ])
      expect((await running.send('GET', path)).status, path).toBe(404);
  });
});

describe('the API', () => {
  it('the API is the admin API, with the user’s credentials', async () => {
    const headers = { ...own(), Cookie: await cookie() };
    const settings = JSON.parse((await running.send('GET', '/api/settings', headers)).body) as ConsoleSettings;
    expect(settings).toMatchObject({ label: 'lk', readOnly: false, usage: true, plans: { free: {}, pro: {} } });
    const made = await running.send('POST', '/api/keys', headers, JSON.stringify({ name: 'By the console' }));
    const { key, record } = JSON.parse(made.body) as { key: string; record: { prefix: string } };
    expect(await deployment.statusOf(key)).toBe(200);
    expect((await running.send('GET', `/api/keys?name=by+the`, headers)).body).toContain(record.prefix);
    expect(await running.send('POST', `/api/keys/${record.prefix}/revoke`, headers, '{}')).toMatchObject({
      status: 200,
    });
    expect(await deployment.statusOf(key)).toBe(403);
    expect(await running.send('PATCH', `/api/keys/${record.prefix}`, headers, '{"name":"x"}')).toMatchObject({
      status: 409,
    });
    expect(await running.send('GET', '/api/keys/000000000000', headers)).toMatchObject({ status: 404 });
    expect(await running.send('POST', '/api/keys', headers, '{"name":""}')).toMatchObject({ status: 400 });
    expect(await running.send('POST', '/api/keys', headers, '{')).toMatchObject({ status: 400 });
    const resumed = await running.send('POST', '/api/owners/nobody/resume', headers, '{}');
    expect(resumed).toMatchObject({ status: 409, body: expect.stringContaining('not_suspended') as string });
    // A key in a URL would be logged.
    expect(await running.send('POST', `/api/verify?key=${key}`, headers, '{}')).toMatchObject({ status: 400 });
    expect(await running.send('POST', '/api/import', headers, '{"records":[]}')).toMatchObject({ status: 404 });
    expect(
      await running.send('POST', '/api/keys', headers, JSON.stringify({ name: 'x'.repeat(70_000) })),
    ).toMatchObject({
      status: 413,
    });
  });
});

describe('a page that sends an API Gateway event', () => {
  it.each([
    ['POST', '/api/owners/mine/suspend'],
    ['POST', '/api/owners/mine/resume'],
    ['POST', '/api/keys'],
    ['PATCH', '/api/keys/000000000000'],
    ['POST', '/api/keys/000000000000/rotate'],
    ['POST', '/api/keys/000000000000/revoke'],
    ['POST', '/api/verify'],
  ])('a page that sends an API Gateway event gets its fields rejected at %s %s', async (method, path) => {
    const headers = { ...own(), Cookie: await cookie() };
    const event = {
      requestContext: { httpMethod: 'POST', identity: { userArn: 'arn:aws:iam::000000000000:root' } },
      pathParameters: { ownerId: 'theirs', prefix: '111111111111' },
      body: '{"name":"owned","ownerId":"theirs"}',
    };
    const reply = await running.send(method, path, headers, JSON.stringify(event));
    expect(reply).toMatchObject({ status: 400, body: expect.stringContaining('requestContext') as string });
    const theirs = await running.send('GET', '/api/owners/theirs', headers);
    expect(JSON.parse(theirs.body)).toMatchObject({ suspended: false, suspendedAt: null });
  });
});

describe('the command', () => {
  it('names the deployment, logs no key, and stops on Ctrl-C', async () => {
    const other = await startConsole();
    const headers = { Origin: other.origin, 'Content-Type': 'application/json' };
    const session = await other.send('POST', '/api/session', headers, JSON.stringify({ token: tokenOf(other.link) }));
    const Cookie = String(session.headers['set-cookie']).split(';', 1)[0] ?? '';
    const { body } = await other.send('POST', '/api/keys', { ...headers, Cookie }, '{"name":"Quiet"}');
    const { code, stderr } = await other.stop();
    expect(code).toBe(0);
    expect(stderr).toContain('Console for npm start in this machine.');
    expect(stderr).not.toContain((JSON.parse(body) as { key: string }).key);
    expect(stderr).not.toContain(tokenOf(other.link));
  });

  it('says what is wrong with a port or an endpoint', async () => {
    const { port } = new URL(running.origin);
    const busy = await deployment.run(['console', '--no-open', '--port', port]);
    expect(busy).toMatchObject({ code: 3, stdout: '' });
    expect(busy.stderr).toBe(`latchkey: Port ${port} is in use by another program. Choose another port with --port.\n`);
    expect(await deployment.run(['console', '--port', 'x'])).toMatchObject({ code: 2 });
    const away = await latchkey(['console', '--no-open', '--endpoint', 'http://127.0.0.1:1']);
    expect(away).toMatchObject({ code: 3 });
    expect(away.stderr).toMatch(/is "npm start" running\?/);
  });
});

it('console --json prints every link as JSON', async () => {
  const child = spawn(process.execPath, ['dist/cli/index.mjs', 'console', '--json', '--endpoint', deployment.adminUrl]);
  const lines = createInterface({ input: child.stdout });
  for (let count = 0; count < 2; count++) {
    const [line] = (await once(lines, 'line')) as [string];
    expect(JSON.parse(line)).toEqual({ url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/#token=/) as string });
    child.stdin.write('\n');
  }
  child.kill('SIGINT');
  await once(child, 'close');
});
