import { globSync, readFileSync } from 'node:fs';
import { CommanderError } from 'commander';
import { expect, it } from 'vitest';
import { latchkey } from '../../../cli/program.ts';

interface Example {
  readonly page: string;
  readonly text: string;
  /** Text in a sentence can leave out arguments: "run `latchkey revoke`". */
  readonly complete: boolean;
}

const PAGES = ['README.md', ...globSync('docs/{*,how-to/*}.md', { exclude: ['docs/cli-commands.md'] })];
const COMMAND = /(?:npx |npm run )?latchkey (?:-- )?(?=[a-z-])/;

function examplesOf(page: string): Example[] {
  const markdown = readFileSync(page, 'utf8');
  const fence = /^ *```(\w*).*\n([\s\S]*?)^ *```$/gm;
  const blocks = [...markdown.matchAll(fence)].flatMap(([, language = '', code = '']) =>
    ['', 'sh', 'bash'].includes(language) ? code.replaceAll('\\\n', ' ').split('\n') : [],
  );
  const sentences = [...markdown.replaceAll(fence, '').matchAll(/`([^`\n]+)`/g)];
  return [
    ...blocks.map((text) => ({ page, text, complete: true })),
    ...sentences.map(([, text = '']) => ({ page, text, complete: false })),
  ].filter(({ text }) => new RegExp(`(?:^|\\(|\\| ) *${COMMAND.source}`).test(text));
}

/** Returns the arguments of the latchkey command in a line of a shell, with values in place of placeholders. */
function argumentsIn(line: string): string[] {
  const command = line.slice(line.search(COMMAND)).replace(COMMAND, '');
  const words = command
    .replaceAll(/<(?:prefix|keyId|old)>/g, '4fQ9aZ0bT1xW')
    .replaceAll('<command>', 'list')
    .replaceAll(/<[^<>]+>/g, 'value')
    .replace(/ #.*$/, '')
    .matchAll(/"([^"]*)"|'([^']*)'|([|<>();&]+)|([^\s|<>();&"']+)/g);
  const found: string[] = [];
  for (const [, double, single, operator, word] of words) {
    if (operator !== undefined) break;
    found.push(double ?? single ?? word ?? '');
  }
  return found;
}

/** Returns what is wrong with a command line, or `undefined`. Runs no command. */
async function faultOf({ text, complete }: Example): Promise<string | undefined> {
  const program = latchkey('0').configureOutput({ writeOut: () => undefined });
  for (const command of program.commands) command.action(() => undefined);
  try {
    await program.parseAsync(argumentsIn(text), { from: 'user' });
    return undefined;
  } catch (error) {
    const incomplete = ['missingArgument', 'missingMandatoryOptionValue'].map((code) => `commander.${code}`);
    if (error instanceof CommanderError && (error.exitCode === 0 || (!complete && incomplete.includes(error.code))))
      return undefined;
    return String(error);
  }
}

const examples = PAGES.flatMap(examplesOf);

it('finds commands in code blocks and in sentences, and a fault in each of them', async () => {
  expect(examples.filter(({ complete }) => complete).length).toBeGreaterThan(30);
  expect(examples.filter(({ complete }) => !complete).length).toBeGreaterThan(20);
  const faulty = ['latchkey create Checkout --owners acme', 'npx latchkey remake', 'latchkey rotate'];
  for (const text of faulty) expect(await faultOf({ page: '', text, complete: true }), text).toBeDefined();
});

it.each(examples)('the command line in $page is accepted: $text', async (example) => {
  expect(await faultOf(example)).toBeUndefined();
});
