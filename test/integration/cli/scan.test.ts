import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { newKey } from '../../../src/core/keys/key.ts';
import { KEY_CONTEXTS } from '../../support/core/key-contexts.ts';
import { latchkey } from '../../support/cli/latchkey.ts';

interface ScanResult {
  readonly leaks: readonly { readonly file: string; readonly line: number | null; readonly prefix: string }[];
  readonly filesScanned: number;
}

const key = newKey({ label: 'acme_live', randomBytes });
const other = newKey({ label: 'partner', randomBytes });

function tree(files: Record<string, string | Buffer>): string {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-scan-'));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

describe('latchkey scan', () => {
  it('prints the file, line and prefix of each key, and exits with 1', async () => {
    const folder = tree({
      'src/app.ts': `// one\nconst key = '${key.text}';\n`,
      'b.env': `A=1\nB=2\nKEY=${other.text}`,
    });
    const { code, stdout, stderr } = await latchkey(['scan', folder]);
    expect(code).toBe(1);
    expect(stdout.split('\n')).toEqual([
      `${folder}/b.env:3: partner_${other.prefix}_…`,
      `${folder}/src/app.ts:2: acme_live_${key.prefix}_…`,
      '',
    ]);
    expect(stderr).toMatch(/2 keys in 2 files/);
    expect(stderr).toContain('Revoke leaked keys with');
    for (const { text } of [key, other]) expect(stdout + stderr).not.toContain(text.slice(-49));
  });

  it('prints JSON with --json', async () => {
    const folder = tree({ 'a.txt': key.text });
    const { code, stdout } = await latchkey(['scan', folder, '--json']);
    expect({ code, answer: JSON.parse(stdout) as unknown }).toEqual({
      code: 1,
      answer: {
        leaks: [{ file: `${folder}/a.txt`, line: 1, label: 'acme_live', prefix: key.prefix }],
        filesScanned: 1,
        unreadable: [],
      },
    });
  });

  it('exits with 0 if it finds no key, and ignores wrong checksums, .git and node_modules', async () => {
    const wrong = key.text.slice(0, -1) + (key.text.endsWith('a') ? 'b' : 'a');
    const folder = tree({ 'a.txt': wrong, '.git/config': key.text, 'node_modules/x/index.js': key.text });
    const { code, stdout, stderr } = await latchkey(['scan', folder]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toMatch(/0 keys in 1 file\./);
  });

  it('finds a key in every context that the published pattern finds it in', async () => {
    const contexts = Object.values(KEY_CONTEXTS).map((context) => context(key.text));
    const folder = tree(Object.fromEntries(contexts.map((text, index) => [`${String(index)}.txt`, text])));
    const { leaks } = JSON.parse((await latchkey(['scan', '--json', folder])).stdout) as ScanResult;
    expect(leaks.map(({ file, prefix }) => `${file} ${prefix}`).toSorted()).toEqual(
      contexts.map((_, index) => `${folder}/${String(index)}.txt ${key.prefix}`).toSorted(),
    );
  });

  it('finds a key on its line in every encoding', async () => {
    // In UTF-16, 上 has a byte that is a line feed in ASCII.
    const text = `name=上海\r\nÜbung\r\nKEY=${key.text}\r\n`;
    const utf16 = Buffer.from(text, 'utf16le');
    const utf32 = Buffer.from(Uint32Array.from(text, (character) => character.codePointAt(0) ?? 0).buffer);
    const folder = tree({
      'utf8.txt': text,
      'utf8-bom.txt': `\uFEFF${text}`,
      'utf16le.txt': utf16,
      'utf16le-bom.txt': Buffer.from(`\uFEFF${text}`, 'utf16le'),
      'utf16be.txt': Buffer.from(utf16).swap16(),
      'utf16be-bom.txt': Buffer.from(`\uFEFF${text}`, 'utf16le').swap16(),
      'utf32le.txt': utf32,
      'utf32be.txt': Buffer.from(utf32).swap32(),
      'latin1.txt': Buffer.from(text.replace('上海', 'Köln'), 'latin1'),
      'utf16-after-ascii.txt': Buffer.concat([Buffer.from('one\ntwo\n'), Buffer.from(key.text, 'utf16le')]),
    });
    const { code, stdout } = await latchkey(['scan', '--json', folder]);
    expect(code).toBe(1);
    const { leaks, filesScanned } = JSON.parse(stdout) as ScanResult;
    expect(filesScanned).toBe(10);
    for (const leak of leaks) expect(leak, leak.file).toMatchObject({ line: 3, prefix: key.prefix });
    expect(leaks).toHaveLength(10);
  });

  it('finds a key in text that changes its encoding, and in binary files', async () => {
    const folder = tree({
      'ascii-after-utf16.txt': Buffer.concat([Buffer.from('\uFEFFone\r\n', 'utf16le'), Buffer.from(key.text)]),
      'misaligned.txt': Buffer.concat([Buffer.from('\uFEFFone\r\n', 'utf16le'), Buffer.from(`x${key.text}`)]),
      'image.bin': Buffer.concat([Buffer.from([0x89, 0, 1, 2, 0, 0, 0xff]), Buffer.from(key.text), Buffer.from([0])]),
    });
    const { leaks } = JSON.parse((await latchkey(['scan', '--json', folder])).stdout) as ScanResult;
    expect(leaks.map(({ prefix }) => prefix)).toEqual([key.prefix, key.prefix, key.prefix]);
  });

  it('finds a key across the chunks of a large UTF-16 file', async () => {
    const chunk = 64 * 1024;
    for (const at of [chunk - 100, chunk - 40, chunk - 4, chunk]) {
      const before = `\uFEFF${'上\n'.repeat(at / 4)}`;
      const folder = tree({ 'large.txt': Buffer.from(`${before}${key.text}\n${'more\n'.repeat(30_000)}`, 'utf16le') });
      const { leaks } = JSON.parse((await latchkey(['scan', '--json', folder])).stdout) as ScanResult;
      expect(leaks, String(at)).toMatchObject([{ line: at / 4 + 1, prefix: key.prefix }]);
    }
  });

  it('finds only keys with a given label, and reads a given file in any folder', async () => {
    const folder = tree({ 'node_modules/a.txt': `${key.text}\n${other.text}\n` });
    const { code, stdout } = await latchkey(['scan', '--label', 'partner', join(folder, 'node_modules/a.txt')]);
    expect(code).toBe(1);
    expect(stdout).toBe(`${folder}/node_modules/a.txt:2: partner_${other.prefix}_…\n`);
  });

  it('finds a key once and on its line anywhere in a large file, also across chunks', async () => {
    const pieceEnd = 64 * 1024;
    for (const at of [0, pieceEnd - 100, pieceEnd - 40, pieceEnd - 1, pieceEnd, 3 * pieceEnd - 30]) {
      const before = 'line\n'.repeat(Math.floor(at / 5)) + ' '.repeat(at % 5);
      const folder = tree({ 'large.txt': `${before}${key.text}\n${'more\n'.repeat(30_000)}` });
      const { stdout } = await latchkey(['scan', folder]);
      expect(stdout, String(at)).toBe(
        `${folder}/large.txt:${String(Math.floor(at / 5) + 1)}: acme_live_${key.prefix}_…\n`,
      );
    }
  });

  it('reports files that cannot be read, and exits with 2', async () => {
    const { code, stderr } = await latchkey(['scan', '/no/such/folder']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^latchkey: \/no\/such\/folder can't be read \(ENOENT\)\.\n0 keys in 0 files/);
    expect((await latchkey(['scan'])).code).toBe(2);
    expect((await latchkey(['scan', '.', '--label', 'Not A Label'])).stderr).toMatch(
      /"Not A Label" is not a valid label/,
    );
  });

  it('continues after files that cannot be read', async () => {
    // The user who runs the tests can be root, and read every file on disk.
    const unreadable = '/proc/self/mem';
    const folder = tree({ 'a.txt': key.text });
    const leak = { file: `${folder}/a.txt`, line: 1, label: 'acme_live', prefix: key.prefix };
    const found = await latchkey(['scan', unreadable, '/no/such/folder', folder]);
    expect(found.code).toBe(1);
    expect(found.stdout).toContain(leak.file);
    expect(found.stderr).toContain(`${unreadable} can't be read (EIO).`);
    expect(found.stderr).toContain("/no/such/folder can't be read (ENOENT).");
    const inJson = await latchkey(['scan', unreadable, folder, '--json']);
    expect(JSON.parse(inJson.stdout)).toMatchObject({
      leaks: [leak],
      filesScanned: 1,
      unreadable: [{ path: unreadable, reason: 'EIO' }],
    });
    expect(await latchkey(['scan', unreadable, '--json'])).toMatchObject({ code: 2, stderr: '' });
  });

  it('prints the pattern that docs/leaked-keys.md publishes', async () => {
    const { stdout } = await latchkey(['scan', '--pattern']);
    expect(key.text).toMatch(new RegExp(`^${stdout.trim()}$`));
    const docs = readFileSync('docs/leaked-keys.md', 'utf8');
    expect(docs).toContain(stdout.trim());
    const { stdout: ofLabel } = await latchkey(['scan', '--pattern', '--label', 'acme_live']);
    expect(key.text).toMatch(new RegExp(ofLabel.trim()));
    expect(other.text).not.toMatch(new RegExp(ofLabel.trim()));
    expect(docs).toContain(ofLabel.trim());
  });
});

it('the rules for gitleaks and secretlint in docs/leaked-keys.md find a key', () => {
  const docs = readFileSync('docs/leaked-keys.md', 'utf8');
  const [, gitleaks = ''] = /regex = '''(.*)'''/.exec(docs) ?? [];
  const [, block = ''] = /### secretlint\n\n```json\n([\s\S]*?)```/.exec(docs) ?? [];
  const { rules } = JSON.parse(block) as { rules: { options: { patterns: { pattern: string }[] } }[] };
  const secretlint = rules[0]?.options.patterns[0]?.pattern ?? '';
  expect(secretlint).toMatch(/^\/.*\/$/);
  for (const pattern of [gitleaks, secretlint.slice(1, -1)]) {
    expect(new RegExp(pattern).exec(`key = "${key.text}"`)?.[0]).toBe(key.text);
    expect(other.text).not.toMatch(new RegExp(pattern));
  }
});
