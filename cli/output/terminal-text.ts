import { styleText } from 'node:util';
import { csvOf } from '../../src/core/text/csv.ts';
import { safeJson, safeText } from '../../src/core/text/safe-text.ts';

type Format = Parameters<typeof styleText>[0];

/** Text that the CLI can print. A string is data: it is printed as one line, without control characters and keys. */
export type Printable = string | TerminalText;

/**
 * Text that is safe to print to a terminal or to a CI log. The CLI prints nothing else, and only the functions of this module
 * create one.
 *
 * Names, owners, reasons, file names and AWS responses come from other people, so each of them is made safe by
 * {@link safeText}.
 */
class TerminalText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}
export type { TerminalText };

/** Makes a string safe. Returns text that is already safe as it is. */
export function terminalText(data: Printable): TerminalText {
  return data instanceof TerminalText ? data : new TerminalText(safeText(data));
}

/**
 * Joins parts into one text, and makes each of them safe.
 *
 * @example
 * line`${path}:${String(number)}: ${styled('red', prefix)}`
 */
export function line(literals: TemplateStringsArray, ...parts: readonly Printable[]): TerminalText {
  return new TerminalText(String.raw({ raw: literals }, ...parts.map((part) => terminalText(part).text)));
}

/** Joins texts with line breaks, and makes each of them safe. */
export function lines(texts: readonly Printable[]): TerminalText {
  return new TerminalText(texts.map((text) => terminalText(text).text).join('\n'));
}

/** Joins texts with tabs, and makes each of them safe. */
export function tabbed(texts: readonly Printable[]): TerminalText {
  return new TerminalText(texts.map((text) => terminalText(text).text).join('\t'));
}

/** Styles text for stdout, unless stdout is not a terminal or `NO_COLOR` is set. */
export function styled(format: Format, data: Printable): TerminalText {
  return new TerminalText(styleText(format, terminalText(data).text, { stream: process.stdout }));
}

/** Styles text for stderr, unless stderr is not a terminal or `NO_COLOR` is set. */
export function styledNote(format: Format, data: Printable): TerminalText {
  return new TerminalText(styleText(format, terminalText(data).text, { stream: process.stderr }));
}

/**
 * Returns a value as JSON, as {@link safeJson} does.
 *
 * @param options.key a key that was just issued, which is printed in full
 * @param options.indent as in `JSON.stringify` @default 2
 */
export function json(value: unknown, { key, indent = 2 }: { key?: string | null; indent?: number } = {}): TerminalText {
  return new TerminalText(safeJson(JSON.stringify(value, null, indent), key));
}

/** Returns rows as CSV, with every cell made safe. The first row is the header. */
export function csv(rows: readonly (readonly string[])[]): TerminalText {
  return new TerminalText(csvOf(rows.map((row) => row.map(safeText))).replace(/\r\n$/, ''));
}

/** Text that is printed exactly as it is: a completion script, or a key that was just issued. */
export function verbatim(text: string): TerminalText {
  return new TerminalText(text);
}
