import { globSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

/** What each pattern is replaced by, in the words of the AWS and Stripe docs. */
const RETIRED: readonly (readonly [RegExp, string])[] = [
  [/\bnobody\b/i, 'name the caller, or use the passive'],
  [/\bwhoever\b/i, 'the caller, the operator, a user'],
  [/\bwhatever\b/i, 'any, all, regardless of'],
  [/\bsomebody\b/i, 'the caller, a user, someone'],
  [/\b(?:is|are) none\b/i, 'is invalid, without one, or name the other case'],
  [/(?<!\bthere |\bwhich )\b(?:is|are) no (?!longer|more|less|later|earlier)[a-z]/i, "isn't a, is invalid"],
  [/\bmeanwhile\b/i, 'until then, at the same time'],
  [/\ball there (?:is|are)\b/i, 'all'],
  [/\basks? for a key\b/i, 'requires a key'],
  [/\bbeside\b/i, 'next to, besides, in addition to'],
  [/\btold (?:to|by|as|in|from|of)\b/i, 'reported, logged, passed'],
  [/\blet(?:s|ting)? in\b/i, 'allow'],
  [/\bof its own\b/i, 'its own, custom'],
  [
    /\bof (?:one's|their|your|his|a team's|our) own(?=[.,;:)|]| ?$| (?:and|or|in|on|for|that|which|with|is|are|as|to)\b)/i,
    'your own, custom',
  ],
  [/\bof itself\b|\b(?:has|have) ended\b|\blives on\b/i, 'expires, has expired, is revoked'],
  [/\blay open\b|\blie open\b/i, 'leaked'],
  [/\bgoes? before\b/i, 'takes precedence over'],
  [/\basks? whether\b|\blooks? whether\b/i, 'checks whether'],
  [/\bhas not answered\b|\bno answer\b/i, 'is unavailable, no response'],
  [/\blife span\b/i, 'lifetime'],
  [/\bcached answers?\b/i, 'cached results'],
];

/** The files and folders whose text people read. */
const CHECKED = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'CHANGELOG.md',
  'docs',
  'scripts',
  'bench',
  'functions',
  'src',
  'cdk',
  'cli',
  'console',
  'local',
  'examples',
  'jsii/README.md',
  'test',
] as const;

/** Text of a file that people read, by line. */
interface Prose {
  readonly line: number;
  readonly text: string;
}

/** Patterns for the whole text of a file, which find at least what the exact ones find in its prose. */
const LOOSE = RETIRED.map(([{ source, flags }]) => new RegExp(source.replace(/\(\?=.*$/, ''), flags));

/** Parses a file only if its text has a retired phrase, in prose or in code. */
function proseOf(file: string): Prose[] {
  const text = readFileSync(file, 'utf8');
  const onOneLine = text.replaceAll(/\n[\s*/]*/g, ' ');
  if (!LOOSE.some((pattern) => pattern.test(onOneLine))) return [];
  return file.endsWith('.md') ? proseOfMarkdown(text) : proseOfCode(file, text);
}

/** Everything but code: quoted code may show old output. */
function proseOfMarkdown(markdown: string): Prose[] {
  const blank = (code: string) => code.replaceAll(/[^\n]/g, ' ');
  return linesOf(markdown.replaceAll(/^```[\s\S]*?^```/gm, blank).replaceAll(/`[^`\n]*`/g, blank), 1);
}

/** Comments, strings with a space in them, and the text of elements. */
function proseOfCode(file: string, code: string): Prose[] {
  const source = ts.createSourceFile(file, code, ts.ScriptTarget.Latest, true);
  const lineAt = (position: number) => source.getLineAndCharacterOfPosition(position).line + 1;
  const comments = new Map<number, ts.CommentRange>();
  const found: Prose[] = [];
  const visit = (node: ts.Node): void => {
    for (const range of [
      ...(ts.getLeadingCommentRanges(code, node.getFullStart()) ?? []),
      ...(ts.getTrailingCommentRanges(code, node.getEnd()) ?? []),
    ])
      comments.set(range.pos, range);
    const words =
      ts.isStringLiteralLike(node) ||
      ts.isTemplateHead(node) ||
      ts.isTemplateMiddleOrTemplateTail(node) ||
      ts.isJsxText(node);
    if (words && node.text.trim().includes(' ')) found.push(...linesOf(node.text, lineAt(node.getStart())));
    for (const child of node.getChildren(source)) visit(child);
  };
  visit(source);
  for (const { pos, end } of comments.values()) found.push(...linesOf(code.slice(pos, end), lineAt(pos)));
  return found;
}

/** Each line with the start of the next, because a phrase can be split between two lines. */
function linesOf(text: string, first: number): Prose[] {
  const lines = text.split('\n').map((line) => line.replace(/^[\s*/]+/, '').trimEnd());
  return lines.map((line, index) => ({
    line: first + index,
    text: `${line}\n${lines[index + 1]?.split(' ').slice(0, 2).join(' ') ?? ''}`,
  }));
}

const filesOf = (path: string) =>
  path.endsWith('.md')
    ? [path]
    : globSync(`${path}/**/*.{md,ts,tsx,mjs}`, {
        exclude: (name) =>
          ['node_modules', 'dist', 'cache', 'typescript', 'admin-api.md', 'cli-commands.md'].includes(
            name.split('/').at(-1) ?? '',
          ),
      });

function retiredPhrasesIn(path: string): string[] {
  return filesOf(path)
    .filter((file) => relative('.', file) !== 'test/unit/writing.test.ts')
    .flatMap((file) =>
      proseOf(file).flatMap(({ line, text }) =>
        RETIRED.flatMap(([pattern, instead]) => {
          const match = pattern.exec(text.replace('\n', ' '));
          // A match in the start of the next line is reported there.
          if (match === null || match.index >= text.indexOf('\n')) return [];
          const [phrase] = match;
          return [`${file}:${String(line)}: "${phrase}" → ${instead}`];
        }),
      ),
    );
}

describe('the search for retired phrases', () => {
  it.each([
    ['in a comment on one line', '// Nobody reads this.\nexport const a = 1;', [1]],
    ['in a comment over two lines', '/**\n * A rate that is\n * none is rejected.\n */\nexport const a = 1;', [2]],
    ['in a string with spaces', "export const a = 'the rate is none';", [1]],
    ['in a template', 'export const a = (b: string) => `${b} is none`;', [1]],
  ])('finds retired phrases %s', (_, code, lines) => {
    const found = proseOfCode('a.ts', code).filter(({ text }) =>
      RETIRED.some(([pattern]) => (pattern.exec(text.replace('\n', ' '))?.index ?? Infinity) < text.indexOf('\n')),
    );
    expect(found.map(({ line }) => line)).toEqual(lines);
  });

  it('ignores identifiers, single words in code, and quoted code in a page', () => {
    expect(
      proseOfCode('a.ts', "export const nobody = 'beside';").filter(({ text }) => /nobody|beside/.test(text)),
    ).toEqual([]);
    expect(proseOfMarkdown('`nobody`\n\n```\nbeside\n```\n').filter(({ text }) => /nobody|beside/.test(text))).toEqual(
      [],
    );
  });
});

it.each(CHECKED)('finds no retired phrases in %s', (path) => {
  expect(retiredPhrasesIn(path)).toEqual([]);
});
