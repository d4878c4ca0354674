import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { latchkey as program } from '../../../cli/program.ts';
import { randomBase62 } from '../../../src/core/keys/base62.ts';
import { newKey } from '../../../src/core/keys/key.ts';
import type { IssuedKey } from '../../../src/management/operations/issue-key.ts';
import type { KeyList } from '../../../src/management/operations/list.ts';
import type { KeyUsage } from '../../../src/management/operations/usage.ts';
import type { KeyView } from '../../../src/management/view.ts';
import { latchkey, type Run } from '../../support/cli/latchkey.ts';
import { localDeployment, type LocalDeployment } from '../../support/cli/local-deployment.ts';

/** The built CLI in a separate process, with the built functions. */
let deployment: LocalDeployment;
const folder = mkdtempSync(join(tmpdir(), 'latchkey-cli-'));
const ESCAPE = String.fromCharCode(27);

beforeAll(async () => {
  deployment = await localDeployment();
});
afterAll(() => deployment.stop());

// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller says what it asked for
const json = <Answer>({ stdout }: Run) => JSON.parse(stdout) as Answer;

async function created(...options: string[]): Promise<{ key: string; prefix: string }> {
  const { key, record } = json<IssuedKey>(await deployment.run(['create', 'a key', '--json', ...options]));
  return { key: key ?? '', prefix: record.prefix };
}

describe('create', () => {
  it('prints the key alone on stdout, and the rest on stderr', async () => {
    const { code, stdout, stderr } = await deployment.run([
      'create',
      'Checkout',
      '--owner',
      'acme',
      '--expires',
      '90d',
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^lk_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}\n$/);
    expect(stderr).toMatch(/Name +Checkout\n/);
    expect(stderr).toMatch(/shown only once/);
    expect(stderr).not.toContain(stdout.trim());
    expect(await deployment.statusOf(stdout.trim())).toBe(200);
  });

  it('accepts scopes, and metadata of all types', async () => {
    const metadata = ['plan=pro', 'seats=5', 'beta=true', 'zip="01234"', 'code=007', 'text=a=b'].flatMap((pair) => [
      '--metadata',
      pair,
    ]);
    const { prefix } = await created('--scope', 'GET /orders/*', '--scope', 'POST /orders', ...metadata);
    expect(json<KeyView>(await deployment.run(['show', prefix, '--json']))).toMatchObject({
      scopes: ['GET /orders/*', 'POST /orders'],
      metadata: { plan: 'pro', seats: 5, beta: true, zip: '01234', code: '007', text: 'a=b' },
    });
  });

  it('accepts a plan and limits, which update changes and removes', async () => {
    const limits = ['--rate', '100/s', '--burst', '200', '--quota', '1000000/month'];
    const { prefix } = await created('--plan', 'free', ...limits);
    const { stdout } = await deployment.run(['show', prefix]);
    expect(stdout).toMatch(/^Plan +free\nLimits +100\/s, burst 200, 1000000\/month$/m);
    const update = async (...args: string[]) =>
      json<KeyView>(await deployment.run(['update', prefix, '--json', ...args]));
    expect(await update('--name', 'renamed')).toMatchObject({ plan: 'free', limits: { rate: '100/s', burst: 200 } });
    expect(await update('--plan', 'pro', '--rate', '5/s')).toMatchObject({ plan: 'pro', limits: { rate: '5/s' } });
    expect(await update('--clear-plan', '--clear-limits')).toMatchObject({ plan: null, limits: null });
  });

  it('writes the key to a new file that only the user can read, and prints it nowhere', async () => {
    const file = join(folder, 'new.key');
    const { code, stdout, stderr } = await deployment.run(['create', 'x', '--out', file]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    const key = readFileSync(file, 'utf8').trim();
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(stderr).not.toContain(key.slice(-49));
    expect(await deployment.statusOf(key)).toBe(200);
  });

  it('does not overwrite a file or create a key for it, and leaves no empty file after an error', async () => {
    const file = join(folder, 'precious');
    writeFileSync(file, 'precious');
    const before = json<KeyList>(await deployment.run(['list', '--all', '--json'])).records.length;
    const { code, stderr } = await deployment.run(['create', 'x', '--out', file]);
    expect(code).toBe(2);
    expect(stderr).toBe(`latchkey: ${file} already exists. Give the name of a new file.\n`);
    expect(readFileSync(file, 'utf8')).toBe('precious');
    expect(json<KeyList>(await deployment.run(['list', '--all', '--json'])).records).toHaveLength(before);

    const never = join(folder, 'never');
    expect((await deployment.run(['create', 'x', '--out', never, '--scope', 'nonsense'])).code).toBe(2);
    expect(() => statSync(never)).toThrow(/ENOENT/);
  });

  it('prints the file, not the key, with --json and --out', async () => {
    const file = join(folder, 'json.key');
    expect(json(await deployment.run(['create', 'x', '--out', file, '--json']))).toMatchObject({
      key: null,
      keyFile: file,
    });
  });
});

describe('a key that cannot be written', () => {
  it.each([
    ['a full disk', 'full', 'ENOSPC'],
    ['a closed pipe', 'closed', 'EPIPE'],
  ] as const)(
    'a key that cannot be written is reported with its prefix and what to do if stdout is %s',
    async (_, stdout, fault) => {
      for (const args of [
        ['create', 'x'],
        ['create', 'x', '--json'],
        ['rotate', (await created()).prefix, '--yes'],
      ]) {
        const { code, stderr } = await deployment.run(args, { stdout });
        expect(code).toBe(1);
        const said = new RegExp(
          `The key (\\w+) was issued and is active, but it can't be written to stdout \\(${fault}\\)`,
        );
        const [, prefix = ''] = said.exec(stderr) ?? [];
        expect(stderr).toContain(`latchkey rotate ${prefix}`);
        expect(stderr).not.toMatch(/\n +at /);
        expect(json<KeyView>(await deployment.run(['show', prefix, '--json']))).toMatchObject({ status: 'active' });
      }
    },
  );

  it('a key that cannot be written is reported by create and rotate if the file cannot be written, and no partial file remains', async () => {
    const file = join(folder, 'full.key');
    const { prefix } = await created();
    for (const args of [
      ['create', 'x'],
      ['rotate', prefix, '--yes'],
    ]) {
      const { code, stderr } = await deployment.run([...args, '--out', file, '--json'], { fullDisk: true });
      expect(code).toBe(1);
      const { error } = JSON.parse(stderr) as { error: { code: string; message: string; prefix: string } };
      expect(error).toMatchObject({ code: 'undelivered', message: expect.stringContaining('EFBIG') as string });
      expect(json<KeyView>(await deployment.run(['show', error.prefix, '--json']))).toMatchObject({ status: 'active' });
      expect(() => statSync(file)).toThrow(/ENOENT/);
    }
  });
});

describe('another result that cannot be written', () => {
  it('another result that cannot be written is ignored if the pipe is closed, and reported if the disk is full', async () => {
    expect(await deployment.run(['list'], { stdout: 'closed' })).toMatchObject({ code: 0, stderr: '' });
    const full = await deployment.run(['settings'], { stdout: 'full' });
    expect(full).toMatchObject({ code: 2, stderr: "latchkey: The output can't be written to stdout (ENOSPC).\n" });
  });
});

describe('list and show', () => {
  it('page, filter, and print a table without colors when piped', async () => {
    for (let index = 0; index < 5; index++) await created('--owner', 'lister');
    const first = json<KeyList>(await deployment.run(['list', '--owner', 'lister', '--limit', '3', '--json']));
    expect(first.records).toHaveLength(3);
    const rest = await deployment.run(['list', '--owner', 'lister', '--cursor', String(first.cursor), '--json']);
    expect(json<KeyList>(rest).records).toHaveLength(2);

    const table = await deployment.run(['list', '--owner', 'lister', '--all']);
    expect(table.stdout.split('\n')[0]).toMatch(/^PREFIX\tNAME\tOWNER\tSTATUS\tCREATED\tEXPIRES\tLAST USED$/);
    expect(table.stdout.trim().split('\n')).toHaveLength(6);
    expect(table.stdout).not.toContain(ESCAPE);
    expect((await deployment.run(['list', '--owner', 'nobody'])).stdout).toBe('');
  });

  it('list and show do not print the control characters of a name', async () => {
    const { record } = json<IssuedKey>(
      await deployment.run(['create', `red ${ESCAPE}[31m`, '--owner', 'joker', '--json']),
    );
    for (const args of [
      ['list', '--owner', 'joker'],
      ['show', record.prefix],
    ])
      expect((await deployment.run(args)).stdout).not.toContain(ESCAPE);
  });

  it('list and show use colors with FORCE_COLOR, and none with NO_COLOR', async () => {
    const { prefix } = await created();
    expect((await deployment.run(['show', prefix], { env: { FORCE_COLOR: '1' } })).stdout).toContain(ESCAPE);
    expect((await deployment.run(['show', prefix], { env: { NO_COLOR: '1' } })).stdout).not.toContain(ESCAPE);
  });
});

describe('list with filters', () => {
  const prefixes = (run: Run) => json<KeyList>(run).records.map(({ prefix }) => prefix);
  const list = (...args: string[]) => deployment.run(['list', '--owner', 'filters', '--json', ...args]);
  let soon: string, later: string, never: string;
  beforeAll(async () => {
    const make = async (...args: string[]) => (await created('--owner', 'filters', ...args)).prefix;
    soon = await make('--expires', '10d', '--plan', 'pro', '--metadata', 'tier=gold', '--metadata', 'seats=5');
    later = await make('--expires', '60d', '--plan', 'free', '--metadata', 'tier=gold');
    never = await make();
    await deployment.run(['revoke', (await created('--owner', 'filters', '--expires', '1d')).prefix, '--yes']);
  });

  it('finds keys by expiry, last use, plan and metadata', async () => {
    expect(prefixes(await list('--expiring', '30d'))).toEqual([soon]);
    expect(prefixes(await list('--expiring', '90d')).toSorted()).toEqual([soon, later].toSorted());
    expect(prefixes(await list('--plan', 'pro'))).toEqual([soon]);
    expect(prefixes(await list('--metadata', 'tier=gold', '--metadata', 'seats=5'))).toEqual([soon]);
    expect(prefixes(await list('--unused', '0s')).toSorted()).toEqual([soon, later, never].toSorted());
    expect(prefixes(await list('--unused', '1d'))).toEqual([]);
  });

  it('sorts keys, with missing values last, and limits the result', async () => {
    const sorted = ['--status', 'active', '--sort', 'expires'];
    expect(prefixes(await list(...sorted))).toEqual([soon, later, never]);
    expect(prefixes(await list(...sorted, '--reverse'))).toEqual([later, soon, never]);
    expect(prefixes(await list(...sorted, '--limit', '1'))).toEqual([soon]);
  });

  it('rejects a duration, a sort field and a cursor that cannot be used', async () => {
    for (const args of [
      ['--expiring', 'soon'],
      ['--sort', 'size'],
      ['--sort', 'name', '--cursor', 'x'],
      ['--reverse'],
      ['--csv'],
    ])
      expect(await list(...args), args.join(' ')).toMatchObject({ code: 2, stdout: '' });
  });

  it('selects fields in JSON and CSV, and names the accepted ones', async () => {
    const fields = ['--plan', 'pro', '--fields', 'prefix,plan'];
    expect(json(await list(...fields))).toEqual({ records: [{ prefix: soon, plan: 'pro' }], cursor: null });
    const csv = await deployment.run(['list', '--owner', 'filters', ...fields, '--csv']);
    expect(csv.stdout).toBe(`prefix,plan\r\n${soon},pro\n`);
    expect(json(await deployment.run(['show', soon, '--json', '--fields', 'plan']))).toEqual({ plan: 'pro' });
    expect(await list('--fields', 'colour')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/colour.*Use prefix, label, name/) as string,
    });
  });

  it('prints all fields as CSV, safe for terminals and spreadsheets', async () => {
    const name = `=cmd|'/c calc' ${ESCAPE}[31m, "x"`;
    await deployment.run(['create', name, '--owner', 'csv', '--scope', 'GET /a', '--scope', 'GET /b']);
    const { stdout } = await deployment.run(['list', '--owner', 'csv', '--csv']);
    const [header, row] = stdout.split('\r\n');
    expect(header).toMatch(/^prefix,label,name,ownerId,scopes,metadata,.*,status$/);
    expect(row).toContain(`"'=cmd|'/c calc' \\u001b[31m, ""x""",csv,"GET /a, GET /b",{},`);
  });

  it('pipes the prefixes of a list to revoke', async () => {
    const doomed = [await created('--owner', 'doomed'), await created('--owner', 'doomed')].map(({ prefix }) => prefix);
    const found = prefixes(await deployment.run(['list', '--owner', 'doomed', '--unused', '0s', '--json']));
    const revoked = await deployment.run(['revoke', '-', '--yes', '--json'], { stdin: `${found.join('\r\n')}\n` });
    expect(
      json<KeyList>(revoked)
        .records.map(({ prefix }) => prefix)
        .toSorted(),
    ).toEqual(doomed.toSorted());
    expect(await deployment.run(['revoke', '-', '--yes'])).toMatchObject({ code: 2, stdout: '' });
    const { key } = await created();
    const whole = await deployment.run(['revoke', '-', '--yes'], { stdin: key });
    expect(whole.code).toBe(2);
    expect(whole.stderr).not.toContain(key.slice(-49));
  });
});

describe('update', () => {
  it('changes and removes fields, and checks the version', async () => {
    const { prefix } = await created('--scope', 'GET /a', '--metadata', 'a=1', '--expires', '1d');
    const changed = await deployment.run([
      'update',
      prefix,
      '--name',
      'new',
      '--clear-scopes',
      '--clear-metadata',
      '--never-expires',
      '--json',
    ]);
    expect(json<KeyView>(changed)).toMatchObject({
      name: 'new',
      scopes: [],
      metadata: {},
      expiresAt: null,
      version: 2,
    });
    const metadata = async (...args: string[]) =>
      json<KeyView>(await deployment.run(['update', prefix, ...args, '--json'])).metadata;
    await metadata('--metadata', 'a=1', '--metadata', 'b=1');
    expect(await metadata('--metadata', 'b=2')).toEqual({ a: 1, b: 2 });
    expect(await metadata('--metadata', 'c=3', '--replace-metadata')).toEqual({ c: 3 });
    const late = await deployment.run(['update', prefix, '--name', 'newer', '--if-version', '1']);
    expect(late.code).toBe(1);
    expect(late.stderr).toMatch(/^latchkey: the key \w+ was changed in the meantime, to version 5/);
  });
});

describe('usage', () => {
  it('shows the requests of a key by day and route', async () => {
    const { key, prefix } = await created('--quota', '2/day');
    const unused = await deployment.run(['usage', prefix]);
    expect({ code: unused.code, stdout: unused.stdout }).toEqual({ code: 0, stdout: '' });
    expect(unused.stderr).toMatch(/^No requests between \d{4}-\d\d-\d\d and \d{4}-\d\d-\d\d\.\n$/);
    for (const status of [200, 200, 429]) expect(await deployment.statusOf(key)).toBe(status);

    const usage = async (...args: string[]) =>
      json<KeyUsage>(await deployment.run(['usage', prefix, '--json', ...args]));
    await expect
      .poll(() => usage(), { timeout: 20_000 })
      .toMatchObject({ prefix, requests: 3, errors: 0, throttled: 1 });
    expect(await usage('--from', '2020-01-01', '--to', '2020-01-31')).toMatchObject({ requests: 0, days: [] });
    const [head, ...lines] = (await deployment.run(['usage', prefix])).stdout.trim().split('\n');
    expect(head).toMatch(/^DAY\tROUTE\tREQUESTS\tERRORS\tTHROTTLED\tLATENCY\tLAST USED$/);
    expect(lines[0]).toMatch(/^\d{4}-\d\d-\d\d\tGET \/\{proxy\+\}\t/);
    expect(lines.at(-1)).toMatch(/^all\t\t3\t0\t1\t\d+ ms\t\d{4}-.*Z$/);
  });
});

describe('rotate and revoke', () => {
  it('rotate and revoke do nothing without a confirmation', async () => {
    const { key, prefix } = await created();
    for (const command of ['rotate', 'disable', 'revoke']) {
      const { code, stdout, stderr } = await deployment.run([command, prefix]);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toBe(
        'latchkey: This command needs a confirmation, and stdin is not a terminal. Use --yes to confirm.\n',
      );
    }
    expect(await deployment.statusOf(key)).toBe(200);
  });

  it('rotate prints the new key, and the old one works for the overlap', async () => {
    const old = await created();
    const { stdout, stderr } = await deployment.run(['rotate', old.prefix, '--overlap', '1h', '--yes']);
    expect(stderr).toMatch(new RegExp(`The old key ${old.prefix} works until \\d{4}-\\d\\d-\\d\\dT[\\d:]{8}Z\\.`));
    expect([await deployment.statusOf(old.key), await deployment.statusOf(stdout.trim())]).toEqual([200, 200]);
    const again = await deployment.run(['rotate', old.prefix, '--yes', '--json']);
    expect(again.code).toBe(1);
    expect(JSON.parse(again.stderr)).toMatchObject({ error: { code: 'replaced' } });
  });

  it('disable stops a key until enable makes it work again', async () => {
    const { key, prefix } = await created();
    const args = ['--yes', '--reason', 'unpaid', '--by', 'support', '--json'];
    expect(json<KeyView>(await deployment.run(['disable', prefix, ...args]))).toMatchObject({
      status: 'disabled',
      disabledReason: 'unpaid',
      disabledBy: 'support',
    });
    expect(await deployment.statusOf(key)).toBe(403);
    expect((await deployment.run(['show', prefix])).stdout).toMatch(/Status +disabled\n/);
    expect(json<KeyView>(await deployment.run(['enable', prefix, '--json']))).toMatchObject({ status: 'active' });
    expect(await deployment.statusOf(key)).toBe(200);
  });

  it('rotate keeps the old key working for 24 hours by default, but not after its expiry', async () => {
    const [lasting, ending] = [await created('--expires', '90d'), await created('--expires', '1h')];
    const hoursOf = async ({ prefix }: { prefix: string }) => {
      const rotated = json<{ oldKey: { prefix: string; stopsAt: string } }>(
        await deployment.run(['rotate', prefix, '--yes', '--json']),
      );
      expect(rotated.oldKey.prefix).toBe(prefix);
      const { expiresAt } = json<KeyView>(await deployment.run(['show', prefix, '--json']));
      expect(Math.abs(Date.parse(expiresAt ?? '') - Date.parse(rotated.oldKey.stopsAt))).toBeLessThan(60_000);
      return Math.round((Date.parse(rotated.oldKey.stopsAt) - Date.now()) / 3_600_000);
    };
    expect([await hoursOf(lasting), await hoursOf(ending)]).toEqual([24, 1]);
    expect(await deployment.statusOf(lasting.key)).toBe(200);
  });

  it('rotate with an overlap of 0s stops the old key immediately', async () => {
    const { key, prefix } = await created();
    const { stderr } = await deployment.run(['rotate', prefix, '--overlap', '0s', '--yes']);
    expect(stderr).toContain(`The old key ${prefix} no longer works.`);
    expect(await deployment.statusOf(key)).toBe(403);
  });

  it('revoke revokes a key', async () => {
    const { key, prefix } = await created();
    const revoked = json<KeyView>(await deployment.run(['revoke', prefix, '--yes', '--reason', 'left', '--json']));
    expect(revoked).toMatchObject({ status: 'revoked', revokedReason: 'left' });
    expect(await deployment.statusOf(key)).toBe(403);
  });
});

describe('verify', () => {
  it('reads the key from stdin, exits with 1 if it is not valid, and never prints it', async () => {
    const { key } = await created('--scope', 'GET /orders/*');
    const good = await deployment.run(['verify', '--route', 'GET /orders/1'], { stdin: `${key}\n` });
    expect(good.code).toBe(0);
    expect(good.stdout).toMatch(/^valid\n/);
    const bad = await deployment.run(['verify', '--route', 'GET /admin', '--json'], { stdin: key });
    expect({ code: bad.code, answer: json<unknown>(bad) }).toEqual({
      code: 1,
      answer: { valid: false, reason: 'scope' },
    });
    const typo = await deployment.run(['verify'], { stdin: key.slice(-12) });
    expect(typo).toMatchObject({ code: 1, stdout: expect.stringContaining('typing error') as string });
    for (const { stdout, stderr } of [good, bad, typo]) expect(stdout + stderr).not.toContain(key.slice(-49));
    expect((await deployment.run(['verify'])).code).toBe(2);
  });
});

it('verify and import read files that PowerShell saved', async () => {
  const { key, prefix } = await created('--owner', 'powershell');
  const rows = `key,name\r\n${'k'.repeat(20)}${prefix},Café 上海\r\n`;
  const file = join(folder, 'saved.csv');
  for (const save of [
    (text: string) => Buffer.from(`\uFEFF${text}`),
    (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le'),
    (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le').swap16(),
  ]) {
    expect((await deployment.run(['verify'], { stdin: save(`${key}\r\n`) })).stdout).toMatch(/^valid\n/);
    writeFileSync(file, save(rows));
    expect((await deployment.run(['import', '--from', 'generic', file, '--allow-unscoped', '--yes'])).code).toBe(0);
  }
  // PowerShell pipes UTF-16 without a byte order mark.
  expect((await deployment.run(['verify'], { stdin: Buffer.from(`${key}\r\n`, 'utf16le') })).code).toBe(0);
  const { records } = json<KeyList>(await deployment.run(['list', '--name', 'Café', '--json']));
  expect(records.map(({ name }) => name)).toEqual(['Café 上海']);

  const windows1252 = Buffer.from('key,name\nkkkkkkkkkkkkkkkkkkkk,Caf\xe9\n', 'latin1');
  writeFileSync(file, windows1252);
  for (const refused of [
    await deployment.run(['import', '--from', 'generic', file, '--yes']),
    await deployment.run(['verify'], { stdin: windows1252 }),
  ])
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('UTF-8') as string });
});

describe('export', () => {
  it('writes a line for every key, which import can read', async () => {
    const file = join(folder, 'keys.jsonl');
    expect((await deployment.run(['export', '--out', file])).code).toBe(0);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    expect(lines).toHaveLength(json<KeyList>(await deployment.run(['list', '--all', '--json'])).records.length);
    const again = await deployment.run(['import', '--from', 'generic', file, '--yes', '--json']);
    expect(json(again)).toMatchObject({ imported: 0, present: lines.length, problems: [] });
    expect((await deployment.run(['export', '--out', file])).code).toBe(2);
  });
});

describe('doctor', () => {
  it('checks the functions, table and caches of a local server', async () => {
    const { code, stdout } = await deployment.run(['doctor', '--json']);
    expect(code).toBe(0);
    const { findings } = JSON.parse(stdout) as { findings: { check: string; status: string; found: string }[] };
    expect(findings.map(({ check, status }) => `${check} ${status}`)).toEqual(
      ['Functions', 'Server', 'Table', 'Indexes', 'TTL', 'Caches'].map((check) => `${check} ok`),
    );
    expect(findings[2]?.found).toBe(deployment.table);
  });
});

describe('help and completion', () => {
  it('help has examples for every command', () => {
    const commands = program('0').commands.filter((command) => command.name() !== 'completion-server');
    expect(commands.length).toBeGreaterThan(11);
    for (const command of commands) {
      let help = '';
      command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
      expect(help, command.name()).toMatch(/Examples:\n {2}\$ .*latchkey/);
    }
  });

  it('help lists the options of the command before those of the connection', async () => {
    const { stdout } = await latchkey(['list', '--help']);
    const headings = stdout.split('\n').filter((line) => /^[A-Z]\w+:$/.test(line));
    expect(headings).toEqual(['Options:', 'Output:', 'Connection:', 'Examples:']);
    expect(stdout.indexOf('--owner')).toBeLessThan(stdout.indexOf('--stack'));
  });

  it('commands have short aliases', async () => {
    const { prefix } = await created('--owner', 'aliases');
    expect(json<KeyList>(await deployment.run(['ls', '--owner', 'aliases', '--json'])).records).toHaveLength(1);
    expect(json<KeyView>(await deployment.run(['get', prefix, '--json']))).toMatchObject({ prefix });
    expect((await deployment.run(['rm', prefix, '--yes'])).code).toBe(0);
    expect((await deployment.run(['new', 'x'])).code).toBe(0);
  });

  it('options that commands share are also accepted before the command', async () => {
    const before = await latchkey(['--json', '--endpoint', deployment.adminUrl, 'list', '--limit', '1']);
    expect(json<KeyList>(before).records).toHaveLength(1);
    expect(await latchkey(['--local', 'scan', '.'])).toMatchObject({ code: 2, stdout: '' });
  });

  it.each(['bash', 'zsh', 'fish'])('completion prints a script for %s', async (shell) => {
    const { code, stdout } = await latchkey(['completion', shell]);
    expect(code).toBe(0);
    expect(stdout).toContain('latchkey completion-server');
  });

  it('completion knows commands and their options', async () => {
    const complete = async (line: string) => {
      const words = line.split(' ').length;
      const env = { SHELL: 'bash', COMP_CWORD: String(words - 1), COMP_LINE: line, COMP_POINT: String(line.length) };
      return (await latchkey(['completion-server', '--', ...line.split(' ')], { env })).stdout.trim().split('\n');
    };
    expect(await complete('latchkey ')).toEqual(expect.arrayContaining(['create', 'import', 'doctor']));
    expect(await complete('latchkey revoke --')).toEqual(expect.arrayContaining(['--yes', '--reason', '--stack']));
    expect(await complete('latchkey revoke --')).not.toContain('--pattern');
  });
});

describe('an invalid command line', () => {
  it.each([
    [['lst'], /^latchkey: unknown command 'lst' \(Did you mean one of list, ls\?\)\n$/],
    [['delete', 'x'], /^latchkey: unknown command 'delete' \(Did you mean revoke\?\)\n$/],
    [['describe'], /^latchkey: unknown command 'describe' \(Did you mean show\?\)\n$/],
    [['list', '--foo'], /^latchkey: unknown option '--foo'\n$/],
    [['list', '--ownr', 'x'], /^latchkey: unknown option '--ownr' \(Did you mean --owner\?\)\n$/],
    [['create'], /^latchkey: missing required argument 'name'\n$/],
    [
      ['list', '--limit', 'many'],
      /^latchkey: option '--limit <n>' argument 'many' is invalid. Use a whole number, at least 1.\n$/,
    ],
    [['list', '--status', 'gone'], /^latchkey: .*Allowed choices are active, disabled, expired, revoked.\n$/],
    [['show'], /^latchkey: missing required argument 'prefix'\n$/],
    [['show', 'nonsense'], /^latchkey: The prefix is not valid\. Give .*\n$/],
    [['create', 'x', '--rate', 'fast'], /^latchkey: --rate: not a rate; accepted: requests per s, .{0,80}\n$/],
    [['create', 'x', '--rate', '1', '--quota', '2'], /^latchkey: --rate: .{0,120}\n--quota: not a quota; .{0,120}\n$/],
    [['create', ''], /^latchkey: name: empty; accepted: a string of 1 to \d+ characters\n$/],
    [['create', 'x', '--source-ip', '300.1.1.1'], /^latchkey: --source-ip: not an IP address or range; .{0,120}\n$/],
    [['usage', '000000000000', '--from', 'monday'], /^latchkey: --from: not a date; accepted: a date in UTC .*\n$/],
    [['create', 'x', '--scope', 'GET /a', '--scope', 'b'], /^latchkey: --scope \(number 2\): not a scope; .*\n$/],
    [['create', 'x', '--plan', 'gone'], /^latchkey: --plan: not a plan; accepted: one of free, pro\n$/],
    [['create', 'x', '--scope', 'nonsense'], /^latchkey: --scope: not a scope; accepted: .*"METHOD \/path".*\n$/],
    [['create', 'x', '--metadata', 'nonsense'], /^latchkey: .*Use the form name=value.\n$/],
    [['import', 'x.csv'], /^latchkey: required option '--from <issuer>' not specified\n$/],
    [['import', '--from', 'drf', '/no/such.csv'], /^latchkey: \/no\/such.csv can't be read \(ENOENT\).\n$/],
    [['list', '--endpoint', 'nonsense'], /^latchkey: "nonsense" is not a URL.*\n$/],
  ])('rejects %j', async (args, message) => {
    const { code, stdout, stderr } = await deployment.run(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });

  it('an invalid command line is reported as JSON with --json', async () => {
    for (const args of [
      ['list', '--foo', '--json'],
      ['show', '--json'],
      ['lst', '--json'],
    ]) {
      const { code, stdout, stderr } = await latchkey(args);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'usage' } });
    }
  });
});

describe('a key on the command line', () => {
  const { text: key, prefix } = newKey({ label: 'lk', randomBytes });
  const foreign = randomBase62(24, randomBytes);

  it.each([
    [['show', key], 'Give the prefix'],
    [['verify', key], 'reads it from a prompt or from stdin'],
    [[key], 'unknown command'],
    [['show', prefix, key], 'too many arguments'],
    [['show', prefix, foreign], 'too many arguments'],
    [['list', `--${key}`], 'unknown option'],
    [['list', '--json', '--status', key], 'is invalid'],
    [['suspend', key, '--yes'], 'Give the id of the owner'],
    [['create', 'x', '--owner', key], 'Give the id of the owner'],
  ])('rejects a key on the command line (case %#)', async (args, sentence) => {
    const { code, stdout, stderr } = await deployment.run(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(sentence);
    expect(stderr).toContain('in your shell history now, so rotate it');
    for (const one of [key.slice(-49), foreign]) expect(stderr).not.toContain(one);
  });

  it('a key on the command line is cut after its prefix in other errors', async () => {
    const { stderr } = await latchkey(['scan', key]);
    expect(stderr).toContain(`lk_${prefix}_…`);
    expect(stderr).not.toContain(key.slice(-49));
  });
});

describe('an unknown key', () => {
  it.each(['show', 'disable', 'enable', 'revoke', 'rotate', 'update', 'usage'])(
    '%s exits with 1 for an unknown key',
    async (command) => {
      const more = command === 'update' ? ['--name', 'x'] : [];
      const { code, stderr } = await deployment.run([command, '000000000000', ...more]);
      expect({ code, stderr }).toEqual({ code: 1, stderr: 'latchkey: there is no key with the prefix 000000000000\n' });
    },
  );
});
