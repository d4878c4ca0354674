import { CommanderError } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import { CommandError, EXIT, systemCode, usageError } from './errors.ts';
import { note } from './output/screen.ts';
import { withoutKeys, withoutWhatCouldBeKeys } from './output/without-keys.ts';
import { latchkey } from './program.ts';

/** The command line `latchkey`. */

// Whoever reads the answers may have seen enough: `latchkey list --all | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.ok);
  process.exit(told(usageError(`The answer cannot be written (${systemCode(error)}).`)));
});

try {
  await latchkey(packageJson.version).parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) {
    // The version or the help that was asked for, or help instead of a command.
    if (error.exitCode === 0) return EXIT.ok;
    return error.code === 'commander.help' ? EXIT.usage : told(misunderstood(error));
  }
  if (error instanceof CommandError) return told(error);
  // Ctrl-C at a question.
  if (error instanceof Error && error.name === 'ExitPromptError') return EXIT.interrupted;
  throw error;
}

function told({ problem, message, exitCode }: CommandError): number {
  const text = process.argv.includes('--json') ? JSON.stringify({ error: problem }) : `latchkey: ${message}`;
  note(withoutKeys(text));
  return exitCode;
}

/** commander repeats what was typed. */
function misunderstood({ message }: CommanderError): CommandError {
  const safe = withoutWhatCouldBeKeys(message);
  const rotate = safe === message ? '' : '\nIf that is a key, it is in your shell history now, so rotate it.';
  return usageError(safe.replace(/^error: /, '') + rotate);
}
