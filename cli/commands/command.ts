import { Command } from 'commander';

/** Returns a command with examples in its help text. `program.ts` adds the options that commands share. */
export function describedCommand(name: string, description: string, examples: readonly string[]): Command {
  return new Command(name)
    .description(description)
    .addHelpText('after', `\nExamples:\n${examples.map((example) => `  $ latchkey ${example}`).join('\n')}`);
}
