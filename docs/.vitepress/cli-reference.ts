import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { latchkey } from '../../cli/program.ts';

/** Writes the reference of the CLI's commands, from the commands themselves. Run with Node.js 24. */

const text = (value: string) => value.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('{{', '{&#123;');
const table = (title: string, rows: readonly (readonly [string, string])[]) =>
  rows.length === 0
    ? ''
    : `| ${title} | Description |\n| --- | --- |\n${rows.map(([term, description]) => `| \`${term.replaceAll('|', '\\|')}\` | ${text(description)} |`).join('\n')}\n\n`;

function section(command: Command): string {
  const help = command.createHelp();
  const options = help
    .visibleOptions(command)
    .map((option) => [help.optionTerm(option), help.optionDescription(option)] as const);
  const args = help
    .visibleArguments(command)
    .map((argument) => [help.argumentTerm(argument), help.argumentDescription(argument)] as const);
  return `## ${command.name()}

${text(command.description())}

\`\`\`
latchkey ${command.name()} ${command.usage()}
\`\`\`

${table('Argument', args)}${table('Option', options)}`;
}

const program = latchkey('');
const commands = program.createHelp().visibleCommands(program);
const page = `---
editLink: false
---

# CLI commands

Generated from the commands themselves. [CLI](cli.md) describes what they have in common: credentials, output, and exit codes.

${commands
  .filter((command) => command.name() !== 'help')
  .map(section)
  .join('')}`;
writeFileSync(new URL('../cli-commands.md', import.meta.url), page);
