import { pipeline } from 'node:stream/promises';
import { inspect } from 'node:util';
import { json, lines, terminalText, type TerminalText, type Printable } from './terminal-text.ts';

/** Prints a result to stdout. Everything else goes to {@link note}, so that a pipe receives only results. */
export function print(result: Printable): void {
  process.stdout.write(written(result));
}

/**
 * Prints a result that must not be lost, and waits until it is written.
 *
 * @throws {Error} with a `code` if it can't be written, because the disk is full or the pipe is closed
 */
export function printAndWait(result: TerminalText): Promise<void> {
  const { stdout } = process;
  // The listener for other results ignores a closed pipe.
  stdout.removeAllListeners('error');
  return new Promise((resolve, reject) => {
    stdout.once('error', reject);
    stdout.write(written(result), (error) => {
      if (!(error instanceof Error)) resolve();
    });
  });
}

/** Prints a stream of results with back pressure. */
export async function printAll(results: AsyncIterable<TerminalText>): Promise<void> {
  const texts = async function* () {
    for await (const result of results) yield written(result);
  };
  await pipeline(texts, process.stdout, { end: false });
}

/** Prints a result as JSON. */
export function printJson(result: unknown): void {
  print(json(result));
}

/** Prints a message to stderr. */
export function note(text: Printable): void {
  process.stderr.write(written(text));
}

/** Prints an unexpected error to stderr, with its stack. */
export function noteBug(error: unknown): void {
  note(lines(inspect(error).split('\n')));
}

/** Returns a number with its noun: "1 key", "2 keys". */
export function counted(count: number, noun: string): string {
  return `${String(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** A line that starts with `::`, also after spaces, is a command to GitHub Actions. */
const ACTIONS_COMMAND = /^([^\S\n]*):(?=:)/gm;

function written(text: Printable): string {
  return `${terminalText(text).text.replaceAll(ACTIONS_COMMAND, '$1\\u003a')}\n`;
}
