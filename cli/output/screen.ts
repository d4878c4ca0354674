import { pipeline } from 'node:stream/promises';
import { inspect } from 'node:util';
import { json, lines, terminalText, type TerminalText, type Printable } from './terminal-text.ts';

/** Prints an answer on stdout. Everything else goes to {@link note}, so that a pipe gets only answers. */
export function print(answer: Printable): void {
  process.stdout.write(written(answer));
}

/**
 * Prints an answer that must not be lost, and waits until it is written.
 *
 * @throws {Error} with a `code` if it cannot be written: the disk is full, or nothing reads the pipe any more
 */
export function printSurely(answer: TerminalText): Promise<void> {
  const { stdout } = process;
  // For other answers it is no failure that nobody reads them.
  stdout.removeAllListeners('error');
  return new Promise((resolve, reject) => {
    stdout.once('error', reject);
    stdout.write(written(answer), (error) => {
      if (!(error instanceof Error)) resolve();
    });
  });
}

/** Prints answers as they come, no faster than they are read. */
export async function printAll(answers: AsyncIterable<TerminalText>): Promise<void> {
  const texts = async function* () {
    for await (const answer of answers) yield written(answer);
  };
  await pipeline(texts, process.stdout, { end: false });
}

/** Prints an answer for machines. */
export function printJson(answer: unknown): void {
  print(json(answer));
}

/** Writes what is not part of the answer to stderr. */
export function note(text: Printable): void {
  process.stderr.write(written(text));
}

/** Reports an error that is a bug, with its stack. */
export function noteBug(error: unknown): void {
  note(lines(inspect(error).split('\n')));
}

/** A line that starts with `::` is a command to GitHub Actions, also after spaces. */
const ACTIONS_COMMAND = /^([^\S\n]*):(?=:)/gm;

function written(text: Printable): string {
  return `${terminalText(text).text.replaceAll(ACTIONS_COMMAND, '$1\\u003a')}\n`;
}
