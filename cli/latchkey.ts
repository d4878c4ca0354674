import { CommanderError } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import { CommandError, EXIT } from './errors.ts';
import { note } from './output/screen.ts';
import { latchkey } from './program.ts';

/** The command line `latchkey`. */

// Whoever reads the answers may have seen enough: `latchkey list --all | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.ok);
  throw error;
});

try {
  await latchkey(packageJson.version).parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}

function exitCodeOf(error: unknown): number {
  // commander has printed its sentence, or the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof CommandError) {
    const { problem, exitCode } = error;
    note(process.argv.includes('--json') ? JSON.stringify({ error: problem }) : `latchkey: ${problem.message}`);
    return exitCode;
  }
  // Ctrl-C at a question.
  if (error instanceof Error && error.name === 'ExitPromptError') return EXIT.interrupted;
  throw error;
}
