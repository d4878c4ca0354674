import { CommanderError } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import { CommandError, EXIT, systemCode, usageError } from './errors.ts';
import { note, noteBug } from './output/screen.ts';
import { json, lines } from './output/terminal-text.ts';
import { withoutPossibleKeys } from '../src/core/text/without-keys.ts';
import { latchkey, SYNONYMS } from './program.ts';

/** The entry point of the CLI. */

// A reader can close the pipe early: `latchkey list --all | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.ok);
  process.exit(report(usageError(`The output can't be written to stdout (${systemCode(error)}).`)));
});

try {
  await latchkey(packageJson.version).parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) {
    // --version or --help, or no command.
    if (error.exitCode === 0) return EXIT.ok;
    return error.code === 'commander.help' ? EXIT.usage : report(invalidCommandLine(error));
  }
  if (error instanceof CommandError) return report(error);
  // Ctrl-C at a prompt.
  if (error instanceof Error && error.name === 'ExitPromptError') return EXIT.interrupted;
  noteBug(error);
  return EXIT.refused;
}

/** Prints an error, and returns its exit code. */
function report({ problem, lines: [first = '', ...more], exitCode }: CommandError): number {
  note(
    process.argv.includes('--json') ? json({ error: problem }, { indent: 0 }) : lines([`latchkey: ${first}`, ...more]),
  );
  return exitCode;
}

/** Converts an error of commander, whose message repeats what was typed. */
function invalidCommandLine({ code, message }: CommanderError): CommandError {
  const typed = message.replace(/^error: /, '');
  // Commander puts its suggestion on the last line.
  const [end, suggestion] = /\n(\(Did you mean .*\))$/.exec(typed) ?? ['', undefined];
  const sentence = typed.slice(0, typed.length - end.length);
  const [, word = ''] = /^unknown command '([a-z]+)'/.exec(sentence) ?? [];
  const synonym = code === 'commander.unknownCommand' ? SYNONYMS.get(word) : undefined;
  const hint = synonym === undefined ? suggestion : `(Did you mean ${synonym}?)`;
  const safe = withoutPossibleKeys(sentence);
  const rotate = safe === sentence ? [] : ['If that was a key, it is in your shell history now, so rotate it.'];
  const shown = [hint === undefined ? safe : `${safe} ${hint}`, ...rotate];
  return new CommandError(EXIT.usage, { code: 'usage', message: shown.join('\n') }, shown);
}
