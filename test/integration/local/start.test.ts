import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, inject, it, onTestFinished } from 'vitest';

const START = fileURLToPath(new URL('../../../local/start.ts', import.meta.url));
const ANY_PORTS = ['--port', '0', '--admin-port', '0'];

/** Runs `local/start.ts` in a separate process group, as a terminal does. */
function start(args: readonly string[], env: NodeJS.ProcessEnv = {}, cwd = process.cwd()) {
  const child = spawn(process.execPath, [START, ...args], {
    cwd,
    env: { ...process.env, ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { out: '', error: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.error += text));
  const ended = once(child, 'close').then(([code, signal]) => ({ code: code as unknown, signal: signal as unknown }));
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return { child, output, ended };
}

async function untilReady({ output }: ReturnType<typeof start>) {
  await expect.poll(() => output.out, { timeout: 30_000 }).toContain('Ctrl-C');
  const url = (name: string) => new RegExp(`${name} +(http://\\S+)`).exec(output.out)?.[1] ?? '';
  return { api: url('Sample API'), dynamodb: url('DynamoDB') };
}

const answers = (url: string) =>
  fetch(url).then(
    () => true,
    () => false,
  );

describe('npm start', () => {
  it('prints commands with the status codes that they get', async () => {
    const run = start(ANY_PORTS, { DYNAMODB_ENDPOINT: inject('dynamodbEndpoint') });
    await untilReady(run);
    const commands = run.output.out.split('\n').filter((line) => /^ {2}(?:curl|for) /.test(line));
    const statuses = [];
    for (const command of commands.slice(0, 6)) {
      const curl = spawn('sh', ['-c', command.trim().replaceAll('curl -', "curl -s -o /dev/null -w '%{http_code}' -")]);
      let status = '';
      curl.stdout.setEncoding('utf8').on('data', (text: string) => (status += text));
      await once(curl, 'close');
      statuses.push(status);
    }
    expect(statuses).toEqual(['200', '401', '403', '200200429', '201', '200']);
    expect(commands).toHaveLength(8);
    expect(run.output.out).not.toContain('\u{1b}[');
    expect(run.output.error).toBe('');
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('stops everything on %s', async (signal) => {
    const run = start(ANY_PORTS);
    const { api, dynamodb } = await untilReady(run);
    expect([await answers(api), await answers(dynamodb)]).toEqual([true, true]);
    // Ctrl-C reaches the whole group; a supervisor's SIGTERM only the process itself.
    if (signal === 'SIGINT') process.kill(-(run.child.pid ?? NaN), signal);
    else run.child.kill(signal);
    expect(await run.ended).toEqual({ code: 0, signal: null });
    expect([await answers(api), await answers(dynamodb)]).toEqual([false, false]);
  });

  it('stops DynamoDB Local even if it is killed', async () => {
    const run = start(ANY_PORTS);
    const { dynamodb } = await untilReady(run);
    run.child.kill('SIGKILL');
    await run.ended;
    await expect.poll(() => answers(dynamodb)).toBe(false);
  });

  it('says what to do if Java is not installed', async () => {
    const { output, ended } = start(ANY_PORTS, { PATH: '/nowhere', DYNAMODB_ENDPOINT: undefined });
    expect(await ended).toMatchObject({ code: 1 });
    expect(output.error).toMatch(
      /^DynamoDB Local did not start: "java" is not on the PATH\. Install Java .+ DYNAMODB_ENDPOINT .+\.\n$/,
    );
  });

  it('says what to do if DYNAMODB_ENDPOINT does not respond', async () => {
    const { output, ended } = start(ANY_PORTS, { DYNAMODB_ENDPOINT: 'http://127.0.0.1:1' });
    expect(await ended).toMatchObject({ code: 1 });
    expect(output.error).toMatch(/^The tables can't be created at http:\/\/127\.0\.0\.1:1: .+\n$/);
  });

  it.each(['--port', '--admin-port'])('rejects a %s that is in use', async (flag) => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      taken.close();
    });
    const port = String((taken.address() as AddressInfo).port);
    const { output, ended } = start([...ANY_PORTS, flag, port], { DYNAMODB_ENDPOINT: inject('dynamodbEndpoint') });
    expect(await ended).toMatchObject({ code: 1 });
    expect(output.error).toBe(`Port ${port} is in use by another program. Choose another port with ${flag}.\n`);
  });

  it('uses the next free port if a default port is in use, and says so', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => {
      // Another program can already use the port.
      taken.once('error', () => {
        resolve();
      });
      taken.listen(8787, '127.0.0.1', resolve);
    });
    onTestFinished(() => {
      taken.close();
    });
    const run = start(['--admin-port', '0'], { DYNAMODB_ENDPOINT: inject('dynamodbEndpoint') });
    const { api } = await untilReady(run);
    const [, port] = /^Port 8787 is in use, so the sample API uses port (\d+)\.\n$/.exec(run.output.error) ?? [];
    expect(api).toBe(`http://127.0.0.1:${String(port)}`);
    expect(await answers(api)).toBe(true);
  });

  it('keeps data and demo keys with --persist', async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'latchkey-persist-'));
    const keyOf = ({ output }: ReturnType<typeof start>) => /x-api-key: (\w+)/.exec(output.out)?.[1] ?? '';
    const first = start([...ANY_PORTS, '--persist'], { DYNAMODB_ENDPOINT: undefined }, cwd);
    await untilReady(first);
    first.child.kill('SIGTERM');
    await first.ended;
    const second = start([...ANY_PORTS, '--persist'], { DYNAMODB_ENDPOINT: undefined }, cwd);
    const { api } = await untilReady(second);
    expect(keyOf(second)).toBe(keyOf(first));
    const response = await fetch(`${api}/orders/1`, { headers: { 'x-api-key': keyOf(first) } });
    expect(response.status).toBe(200);
    expect(statSync(join(cwd, '.latchkey', 'demo-keys.json')).mode & 0o777).toBe(0o600);
    second.child.kill('SIGTERM');
    await second.ended;
    rmSync(cwd, { recursive: true });
  });

  it('exits with 2 if an option is unknown', async () => {
    const { output, ended } = start(['--prot', '1']);
    expect(await ended).toMatchObject({ code: 2 });
    expect(output.error).toBe('Unknown option \'--prot\'. Run "npm start -- --help" for the options.\n');
  });

  it('prints help with --help', async () => {
    const { output, ended } = start(['--help']);
    expect(await ended).toMatchObject({ code: 0 });
    expect(output.out).toContain('--cache-ttl');
  });
});
