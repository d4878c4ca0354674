import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { latchkey } from '../../cli/program.ts';
import { code, table, text } from './markdown.ts';

/** Writes the reference of the CLI's commands, from the commands themselves. Run with Node.js 24. */

function section(command: Command): string {
  const help = command.createHelp();
  const options = help
    .visibleOptions(command)
    .map((option) => [code(help.optionTerm(option)), text(help.optionDescription(option))]);
  const args = help
    .visibleArguments(command)
    .map((argument) => [code(help.argumentTerm(argument)), text(help.argumentDescription(argument))]);
  return `## ${command.name()}

${text(command.description())}

\`\`\`
latchkey ${command.name()} ${command.usage()}
\`\`\`

${table(['Argument', 'Description'], args)}${table(['Option', 'Description'], options)}`;
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
