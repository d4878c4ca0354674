import { styleText } from 'node:util';

/** What to style a text as. */
type Format = Parameters<typeof styleText>[0];

/** Prints an answer. Whatever else there is to say goes to {@link note}, so that a pipe gets only answers. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/**
 * Prints what must not be lost, and waits until it is written.
 *
 * @throws {Error} with a `code` if it cannot be: the disk is full, or nobody reads any more
 */
export function printSurely(text: string): Promise<void> {
  const { stdout } = process;
  // For other answers it is no failure that nobody reads them.
  stdout.removeAllListeners('error');
  return new Promise((resolve, reject) => {
    stdout.once('error', reject);
    stdout.write(`${text}\n`, (error) => {
      if (!(error instanceof Error)) resolve();
    });
  });
}

/** How machines are answered. */
export function inJson(answer: unknown): string {
  return JSON.stringify(answer, null, 2);
}

/** An answer for machines. */
export function printJson(answer: unknown): void {
  print(inJson(answer));
}

/** Says something beside the answer. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Colours a text for stdout, unless that is no terminal or NO_COLOR says otherwise. */
export function styled(format: Format, text: string): string {
  return styleText(format, text, { stream: process.stdout });
}

/** The same, for stderr. */
export function styledNote(format: Format, text: string): string {
  return styleText(format, text, { stream: process.stderr });
}

/** Keys' names are other people's texts: control characters in one must not reach the terminal. */
export function printable(text: string): string {
  return text.replaceAll(/\p{Cc}|\p{Cf}/gu, '\uFFFD');
}
