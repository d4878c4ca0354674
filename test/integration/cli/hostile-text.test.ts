import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { latchkey as program } from '../../../cli/program.ts';
import { newKey } from '../../../src/core/keys/key.ts';
import { fakeDeployment, type FakeDeployment } from './fake-deployment.ts';
import { latchkey, type Run, type RunOptions } from '../../support/cli/latchkey.ts';

/**
 * Names, owners, reasons, file names, import rows and responses are untrusted. These tests run every command with text that
 * tries to control the terminal or the CI system, and that quotes a key.
 */
/**
 * A literal, because the search for secrets finds every key that was issued in the run. In this file, a fake deployment returns
 * a key on purpose.
 */
const KEY = {
  prefix: 'uWEc8EAg9GT8',
  text: 'lk_live_uWEc8EAg9GT8_ISkKbLxbB8ub1pnYT4oNDEJN8tuwbuJxzCQH2rN2D8S3YqYco',
};
const HIDDEN = `lk_live_${KEY.prefix}_…`;
const MARKER = 'INJECTED';

const codePoints = (...points: readonly number[]) => String.fromCodePoint(...points);
/** Escape sequences, C1 controls, line separators, bidirectional overrides, invisible characters, half a surrogate pair. */
const CONTROLS = codePoints(
  ...[
    0x00, 0x07, 0x08, 0x09, 0x0b, 0x0c, 0x0d, 0x1b, 0x7f, 0x84, 0x85, 0x9b, 0x9d, 0xad, 0x200b, 0x200e, 0x2028, 0x2029,
  ],
  ...[0x202e, 0x2066, 0xfeff, 0xe0041],
);
const HOSTILE = [
  '::error::at the start',
  `\n::error::${MARKER}`,
  `\n${MARKER}\r\n${MARKER}`,
  `${codePoints(0x1b)}[2J${codePoints(0x1b)}]0;title${codePoints(0x07)}${codePoints(0x9b)}31m`,
  CONTROLS,
  '##[error]x ##vso[task.setvariable variable=x]y ##teamcity[message] ###[x]',
  KEY.text,
  `APIKEY_${KEY.text}_old`,
].join(' ');

/** The same text for arguments and file names, which cannot contain a zero byte. */
const TYPED = HOSTILE.replaceAll('\0', '');

/** Tabs separate the cells of a table. A tab in a cell is escaped, which test/unit/cli/table.test.ts checks. */
const unsafe = new RegExp('(?![\\n\\t])[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}\\p{Cs}]', 'u');

function expectSafe({ stdout, stderr }: Run): void {
  const output = stdout + stderr;
  expect(output).not.toContain(KEY.text.slice(-49));
  expect(unsafe.exec(output)?.[0].codePointAt(0)?.toString(16)).toBeUndefined();
  for (const line of output.split('\n')) {
    expect(line.trimStart().startsWith('::'), line).toBe(false);
    expect(line.trimStart().startsWith(MARKER), line).toBe(false);
  }
  expect(output).not.toMatch(/##(?:\[|vso\[|teamcity\[)/);
}

/** Adds the hostile text to all strings and names of a response, except those with a fixed set of values. */
function hostile<Response>(response: Response): Response;
function hostile(response: unknown): unknown {
  if (typeof response === 'string') return response + HOSTILE;
  if (Array.isArray(response)) return response.map((one: unknown) => hostile(one));
  if (typeof response !== 'object' || response === null) return response;
  return Object.fromEntries(
    Object.entries(response).map(([name, value]) => [
      name,
      CHOSEN.includes(name) ? (value as unknown) : hostile(value),
    ]),
  );
}
const CHOSEN = ['status', 'outcome', 'type', 'required', 'prefix', 'importedFormats'];

/** Returns the expected output of `--json`: the exact response without the key. */
function withoutKey(response: unknown): unknown {
  return JSON.parse(JSON.stringify(response).replaceAll(KEY.text, HIDDEN));
}

const PREFIX = '4fQ9aZ0bT1xW';
const view = {
  prefix: PREFIX,
  label: 'lk',
  name: 'name',
  status: 'revoked',
  ownerId: 'owner',
  scopes: ['GET /a'],
  metadata: { field: 'value', [`name${HOSTILE}`]: 'value' },
  plan: 'plan',
  limits: { rate: '1/s', quota: '1/day' },
  restrictions: { sourceIps: ['192.0.2.1'], origins: ['https://a.example'], stages: ['prod'] },
  createdAt: '2027-01-01',
  notBefore: '2027-01-01',
  expiresAt: '2027-01-01',
  revokedAt: '2027-01-01',
  revokedReason: 'reason',
  disabledAt: '2027-01-01',
  disabledReason: 'reason',
  disabledBy: 'someone',
  replacedBy: 'another',
  rotatedFrom: 'another',
  lastUsedAt: '2027-01-01',
  importedFrom: 'sha256',
  version: 1,
};
const owner = {
  ownerId: 'owner',
  label: 'lk',
  suspended: true,
  suspendedAt: '2027-01-01',
  suspendedBy: 'somebody',
  suspendedReason: 'reason',
  resumedAt: '2027-01-01',
  resumedBy: 'somebody',
};
const caches = { flushed: ['rest/a1/prod'], pending: [], failed: ['rest/a1/dev'] };
const settings = {
  label: 'lk',
  plans: { [`plan${HOSTILE}`]: { rate: '1/s' } },
  attributes: { type: 'object', properties: { [`tenant${HOSTILE}`]: { type: 'string', enum: ['a'] } }, required: [] },
  readOnly: false,
  ownerSuspension: true,
  restrictions: ['sourceIp'],
  importedFormats: ['sha256'],
};
const counts = { requests: 1, errors: 0, throttled: 0, averageLatencyMs: 1, lastUsedAt: '2027-01-01' };
const usage = {
  prefix: PREFIX,
  from: '2027-01-01',
  to: '2027-01-02',
  ...counts,
  days: [{ day: '2027-01-01', ...counts, routes: [{ route: 'GET /a', ...counts }] }],
};
const issued = { key: null, record: view, message: 'issued before', caches };

/** For each command: its arguments, the responses of the deployment, and the index of the response that `--json` prints. */
const COMMANDS: Readonly<Record<string, { args: readonly string[]; responses: readonly object[]; printed?: number }>> =
  {
    create: { args: [TYPED], responses: [issued], printed: 0 },
    list: { args: ['--limit', '1'], responses: [{ records: [view], cursor: 'cursor' }, settings], printed: 0 },
    show: { args: [PREFIX], responses: [view], printed: 0 },
    update: { args: [PREFIX, '--name', TYPED], responses: [view], printed: 0 },
    // The hostile view is that of a key in a secret.
    rotate: { args: [PREFIX, '--yes', '--force'], responses: [view, issued], printed: 1 },
    revoke: { args: [PREFIX, '--yes', '--reason', TYPED], responses: [view, { ...view, caches }], printed: 1 },
    disable: { args: [PREFIX, '--yes', '--reason', TYPED], responses: [view, { ...view, caches }], printed: 1 },
    enable: { args: [PREFIX], responses: [view], printed: 0 },
    suspend: { args: ['acme', '--yes', '--by', TYPED], responses: [{ ...owner, caches }], printed: 0 },
    resume: { args: ['acme', '--by', TYPED], responses: [owner], printed: 0 },
    owner: { args: ['acme'], responses: [owner], printed: 0 },
    settings: { args: [], responses: [settings], printed: 0 },
    verify: { args: [], responses: [{ valid: true, record: view }], printed: 0 },
    usage: { args: [PREFIX], responses: [usage], printed: 0 },
    export: { args: [], responses: [{ records: [view], cursor: null }] },
    doctor: { args: [], responses: [{ records: [], cursor: null }, {}] },
  };
/** Commands without a deployment, or with more than one response. */
const TESTED_BELOW = ['import', 'scan', 'console'];
/** They print only data of AWS or of the command line. */
const WITHOUT_RESPONSE = ['whoami'];
/** Commands that print only text of the program. */
const OWN_TEXT = ['completion', 'completion-server', 'template'];

let deployment: FakeDeployment;
let folder: string;
beforeAll(async () => {
  deployment = await fakeDeployment();
  folder = mkdtempSync(join(tmpdir(), 'latchkey-scan-'));
});
afterAll(() => {
  deployment.stop();
});

async function run(args: readonly string[], responses: readonly object[] = [], options: RunOptions = {}): Promise<Run> {
  deployment.responses.splice(0, Infinity, ...responses);
  return latchkey(args, {
    stdin: 'a key',
    ...options,
    env: { LATCHKEY_ENDPOINT: deployment.endpoint, ...options.env },
  });
}

const refused = {
  error: {
    code: 'invalid_input',
    message: HOSTILE,
    faults: [
      { field: HOSTILE, message: HOSTILE, accepted: HOSTILE },
      { field: 'scopes.1', message: HOSTILE },
    ],
  },
};
const notFound = { error: { code: 'not_found', message: HOSTILE, detail: HOSTILE } };

it('every command is tested with hostile text', () => {
  const names = program('0')
    .commands.map((command) => command.name())
    .toSorted();
  expect([...Object.keys(COMMANDS), ...TESTED_BELOW, ...WITHOUT_RESPONSE, ...OWN_TEXT].toSorted()).toEqual(names);
});

describe.each(Object.entries(COMMANDS))('latchkey %s', (name, { args, responses, printed }) => {
  it('prints hostile text in its result safely', async () => {
    const result = await run([name, ...args], hostile(responses));
    expectSafe(result);
    if (name !== 'doctor') expect(result.stdout + result.stderr).toContain(HIDDEN);
  });

  it('prints hostile text in JSON safely, and exactly except for the key', async () => {
    const shown = hostile(responses);
    const result = await run([name, ...args, '--json'], shown);
    expectSafe(result);
    if (printed !== undefined) expect(JSON.parse(result.stdout)).toMatchObject(withoutKey(shown[printed]) as object);
  });

  it.each([
    ['an invalid input', refused],
    ['an error', notFound],
  ])('prints hostile text in %s safely', async (_, response) => {
    for (const json of [[], ['--json']]) {
      const result = await run([name, ...args, ...json], [response]);
      expect(result.code).toBeGreaterThan(0);
      expectSafe(result);
    }
  });

  it('prints rejected hostile arguments safely', async () => {
    for (const rejected of [[TYPED, TYPED, TYPED], [`--${TYPED}`], ['--endpoint', TYPED]])
      for (const json of [[], ['--json']]) {
        const result = await run([name, ...args, ...rejected, ...json]);
        expect(result.code).toBeGreaterThan(0);
        expectSafe(result);
      }
  });
});

it('a failed verification prints a hostile reason safely', async () => {
  expectSafe(await run(['verify'], [{ valid: false, reason: HOSTILE }]));
});

it('an unknown command is printed safely', async () => {
  for (const args of [[TYPED], [TYPED, '--json'], [`--${TYPED}`], [`lis\n::error::${MARKER}`]])
    expectSafe(await run(args));
});

it('colored output prints hostile text safely', async () => {
  const colored = await run(['show', PREFIX], hostile([view]), { env: { FORCE_COLOR: '1' } });
  const style = new RegExp(`${codePoints(0x1b)}\\[\\d+m`, 'g');
  expect(colored.stdout).toMatch(style);
  expectSafe({ ...colored, stdout: colored.stdout.replaceAll(style, '') });
});

describe('latchkey import', () => {
  const rows = (name: string) =>
    JSON.stringify([
      { key: 'k'.repeat(20), name, [HOSTILE]: HOSTILE, scopes: [HOSTILE], createdAt: HOSTILE },
      { key: HOSTILE, name },
      { prefix: HOSTILE, digest: HOSTILE, name },
      { name },
      { key: 'k'.repeat(20), name },
    ]);
  const outcomes = [
    { outcome: 'refused', prefix: HOSTILE, reason: HOSTILE },
    { outcome: 'imported', prefix: PREFIX },
  ];

  it.each([[[]], [['--json']]])('import prints hostile rows safely with the options %j', async (json) => {
    const file = join(folder, 'keys.json');
    writeFileSync(file, rows(HOSTILE));
    for (const from of ['generic', 'unkey', 'better-auth', 'drf', 'api-gateway'])
      expectSafe(
        await run(
          ['import', '--from', from, file, '--dry-run', ...json],
          [settings, { outcomes: [...outcomes, ...outcomes, ...outcomes] }],
        ),
      );
    writeFileSync(file, `${HOSTILE.replaceAll('\n', ' ')},"${HOSTILE}",x\n1,2,3,4\n`);
    expectSafe(await run(['import', '--from', 'generic', file, ...json], [settings]));
    expectSafe(await run(['import', '--from', 'generic', join(folder, TYPED), ...json]));
    expectSafe(await run(['import', '--from', TYPED, file, ...json]));
  });
});

describe('latchkey scan', () => {
  const names = [
    `x\n::error::${MARKER}`,
    '::error::x',
    `a${CONTROLS.replaceAll('\0', '')}`,
    '##[error]x',
    `${KEY.text}.txt`,
  ];

  it.each([[[]], [['--json']]])('scan prints hostile file names safely with the options %j', async (json) => {
    const tree = mkdtempSync(join(folder, 'scan-'));
    const inFile = newKey({ label: 'acme', randomBytes });
    for (const name of names) {
      mkdirSync(join(tree, name));
      writeFileSync(join(tree, name, 'file'), inFile.text);
    }
    writeFileSync(join(tree, '::error::y'), inFile.text);
    const scanned = await latchkey(['scan', ...json, tree, ...names.map((name) => join(tree, 'none', name))]);
    expect(scanned.code).toBe(1);
    expectSafe(scanned);
    expect(scanned.stdout).toContain(HIDDEN);
    expect(scanned.stdout.match(new RegExp(inFile.prefix, 'g'))).toHaveLength(names.length + 1);
    if (json.length > 0) {
      const { leaks } = JSON.parse(scanned.stdout) as { leaks: { file: string; line: number | null }[] };
      const files = leaks.filter(({ line }) => line !== null).map(({ file }) => file);
      const expected = [...names.map((name) => join(tree, name, 'file')), join(tree, '::error::y')];
      expect(files.toSorted()).toEqual(expected.map((name) => name.replace(KEY.text, HIDDEN)).toSorted());
      // The key in the folder's name is reported as a separate leak.
      expect(leaks).toContainEqual(expect.objectContaining({ line: null, prefix: KEY.prefix }));
    }
  });

  it('escapes a file name that GitHub Actions could run as a command', async () => {
    const tree = mkdtempSync(join(folder, 'scan-'));
    writeFileSync(join(tree, '::error::x'), newKey({ label: 'acme', randomBytes }).text);
    const scanned = await latchkey(['scan', '.'], { cwd: tree });
    expect(scanned.stdout).toMatch(/^\\u003a:error::x:1: /);
    expectSafe(scanned);
  });

  it('prints rejected hostile labels safely', async () => {
    expectSafe(await latchkey(['scan', '.', '--label', TYPED]));
  });
});

it('the name of a file that cannot be written is printed safely', async () => {
  const path = join(folder, 'none', `x\n::error::${MARKER}`);
  for (const command of [['create', 'x'], ['export']]) {
    const failed = await run([...command, '--out', path], [{ records: [], cursor: null }]);
    expect(failed.code).toBe(2);
    expectSafe(failed);
  }
});

it('create prints the issued key, and no other', async () => {
  const fresh = newKey({ label: 'lk', randomBytes });
  const response = { ...issued, key: fresh.text, record: hostile(view) };
  const shown = await run(['create', 'x'], [response]);
  expect(shown.stdout).toBe(`${fresh.text}\n`);
  expectSafe(shown);
  const inJson = await run(['create', 'x', '--json'], [response]);
  expect(JSON.parse(inJson.stdout)).toEqual(withoutKey(response));
  expectSafe(inJson);
});

it('export to a file is exact, because it is a backup', async () => {
  const file = join(folder, 'export.jsonl');
  const record = { ...view, name: 'x\n\u202e' };
  expectSafe(await run(['export', '--out', file], [{ records: [record], cursor: null }]));
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(record);
});
