import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { anchorOf, siteLink } from '../../../docs/.vitepress/links.ts';
import { GENERATED, SECTIONS } from '../../../docs/.vitepress/pages.ts';

const generated: readonly string[] = Object.values(GENERATED);
const listed = SECTIONS.flatMap(({ pages }) => pages.map(({ file }) => file));

describe('the pages of the site', () => {
  it('lists every page in the sidebar once', () => {
    const written = globSync('**/*.md', { cwd: 'docs', exclude: ['node_modules/**', 'typescript/**'] })
      .filter((file) => !['README.md', 'index.md', ...generated].includes(file))
      // The index of the decisions lists them.
      .filter((file) => !/^decisions\/\d/.test(file));
    expect([...listed].sort()).toEqual([...written, ...generated].sort());
  });

  it('lists every page in docs/README.md, in the order of the sidebar', () => {
    const links = [...readFileSync('docs/README.md', 'utf8').matchAll(/^- \[([^\]]+)\]\(([^)]+)\)$/gm)];
    const expected = SECTIONS.flatMap(({ pages }) => pages).filter(({ file }) => !generated.includes(file));
    expect(links.map(([, text, file]) => ({ text, file }))).toEqual(expected);
  });
});

describe('links of the site', () => {
  const page = `${process.cwd()}/docs/how-to/rotate.md`;

  it.each([
    ['../limits.md#usage', '../limits.md#usage'],
    ['https://example.com', 'https://example.com'],
    ['#after-a-leak', '#after-a-leak'],
    ['../decisions/README.md', '../decisions/index.md'],
    ['../../cdk/index.ts', 'https://github.com/latchkey/latchkey/blob/main/cdk/index.ts'],
    ['../../examples/', 'https://github.com/latchkey/latchkey/tree/main/examples'],
    ['../events.schema.json', 'https://github.com/latchkey/latchkey/blob/main/docs/events.schema.json'],
  ])('changes the link %s to %s', (href, expected) => {
    expect(siteLink(href, page)).toBe(expected);
  });

  it('gives headings the same anchors as GitHub', () => {
    expect(anchorOf('create, rotate')).toBe('create-rotate');
    expect(anchorOf('403 with "explicit deny"')).toBe('403-with-explicit-deny');
    expect(anchorOf('REST: response caches')).toBe('rest-response-caches');
  });
});
