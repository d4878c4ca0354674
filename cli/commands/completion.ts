import {
  getCompletionScript,
  getShellFromEnv,
  log,
  parseEnv,
  SUPPORTED_SHELLS,
  type SupportedShell,
} from '@pnpm/tabtab';
import { Argument, Command } from 'commander';
import { print } from '../output/screen.ts';
import { verbatim } from '../output/terminal-text.ts';

const NAME = 'latchkey';
/** The hidden command that the completion script runs. */
const SERVER = 'completion-server';

export function completionCommand(): Command {
  return new Command('completion')
    .description('Print the completion script for a shell.')
    .addArgument(new Argument('<shell>').choices(SUPPORTED_SHELLS))
    .addHelpText(
      'after',
      `\nExamples:\n  $ source <(latchkey completion bash)\n  $ latchkey completion fish > ~/.config/fish/completions/latchkey.fish`,
    )
    .action(async (shell: SupportedShell) => {
      print(verbatim(await getCompletionScript({ name: NAME, completer: NAME, shell })));
    });
}

/** Prints the completions for the command line in the environment variables of the completion script. */
export function completionServerCommand(program: Command): Command {
  return new Command(SERVER)
    .allowUnknownOption()
    .allowExcessArguments()
    .action(() => {
      const { complete, words, line, lastPartial } = parseEnv(process.env);
      if (!complete) return;
      const [, name] = line.split(' ');
      const command =
        words > 1
          ? program.commands.find((one) => one.name() === name || one.aliases().includes(name ?? ''))
          : undefined;
      log(
        lastPartial.startsWith('-') || command !== undefined ? optionsOf(command ?? program) : commandsOf(program),
        getShellFromEnv(process.env),
      );
    });
}

function commandsOf(program: Command): { name: string; description: string }[] {
  return program.commands
    .filter((command) => command.name() !== SERVER)
    .map((command) => ({ name: command.name(), description: command.description() }));
}

function optionsOf(command: Command): { name: string; description: string }[] {
  return command.options.map(({ long, description }) => ({ name: long ?? '', description }));
}
