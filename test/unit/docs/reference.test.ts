import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { emfReporter } from '../../../src/authorizer/report.ts';
import { REFUSAL_STATUSES } from '../../../src/management/errors.ts';
import { UNREADABLE_METRIC } from '../../../src/usage/report.ts';

/** The rows of the first table in a section of a page, as cells. */
function rowsOf(page: string, section: string): string[][] {
  const text = readFileSync(`docs/${page}`, 'utf8').split(`\n## ${section}\n`)[1]?.split('\n## ')[0] ?? '';
  const [table = ''] = /(?:^\|.*\n)+/m.exec(text) ?? [];
  const rows = table.trimEnd().split('\n').slice(2);
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}
const codeIn = (cell = '') => /^`([^`]+)`$/.exec(cell)?.[1] ?? '';

describe('docs/errors.md', () => {
  it('lists every error code of the management operations with its status', () => {
    const listed = rowsOf('errors.md', 'From management operations').map(([code, status]) => [
      codeIn(code),
      Number(status),
    ]);
    expect(Object.fromEntries(listed)).toEqual({ ...REFUSAL_STATUSES, internal_error: 500 });
  });

  it('lists every error code of the CLI', () => {
    const source = globSync('cli/**/*.ts')
      .map((file) => readFileSync(file, 'utf8'))
      .join('\n');
    const listed = rowsOf('errors.md', 'From the CLI').map(([code]) => codeIn(code));
    const literals = [...source.matchAll(/\bcode(?::| =) '([a-z_]+)'|permission to .*, '([a-z_]+)'\)/g)].map(
      ([, code, thrown = '']) => code ?? thrown,
    );
    // zod calls the faults that the importer finds `custom`.
    expect(new Set(literals.filter((code) => code !== 'custom'))).toEqual(new Set(listed));
  });
});

describe('docs/quotas.md', () => {
  const rows = ['A key', 'Management operations', 'Time'].flatMap((section) => rowsOf('quotas.md', section));

  it.each(rows)('names the limit of %s as the code has it: %s', (_what, limit, link = '') => {
    const [, name = '', file = ''] = /^\[`([\w.]+)`\]\(\.\.\/(.+)\)$/.exec(link) ?? [];
    const source = readFileSync(join(file), 'utf8');
    const property = name.replace('.', ': \\{[^}]*\\b');
    const [, value = ''] = new RegExp(`\\b${property}(?: =|:) ([\\d_ *]+)[;,]`).exec(source) ?? [];
    const expected = value
      .replaceAll('_', '')
      .split('*')
      .reduce((product, factor) => product * Number(factor), 1);
    expect(limit.split(' ')[0]).toBe(expected.toLocaleString('en'));
  });
});

describe('docs/metrics.md', () => {
  it('lists the metrics that the functions write, with their dimensions and units', () => {
    const lines: string[] = [];
    emfReporter(
      (line) => lines.push(line),
      () => 0,
      'authorizer',
    )({ result: 'allowed', durationMs: 1 } as Parameters<ReturnType<typeof emfReporter>>[0]);
    const { _aws } = JSON.parse(lines[0] ?? '') as {
      _aws: {
        CloudWatchMetrics: { Namespace: string; Dimensions: string[][]; Metrics: { Name: string; Unit: string }[] }[];
      };
    };
    const written = _aws.CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics }) =>
      Metrics.map(({ Name, Unit }) => ({ namespace: Namespace, row: [Name, Dimensions.flat().join(', '), Unit] })),
    );
    const { name, namespace, dimension } = UNREADABLE_METRIC;
    const listed = rowsOf('metrics.md', 'Written by Latchkey').map((cells) =>
      cells.slice(0, 3).map((cell) => cell.replaceAll('`', '')),
    );
    expect(listed).toEqual([
      ...written.map(({ row }) => row),
      [name, dimension, 'Count'],
      ['Crashes-<Monitoring>', 'none', 'Count'],
    ]);
    expect(new Set([...written.map((one) => one.namespace), namespace])).toEqual(new Set(['Latchkey']));
  });
});
