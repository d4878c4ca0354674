import { styleText } from 'node:util';
import { withoutKeys } from './without-keys.ts';

/** How to style a text. */
type Format = Parameters<typeof styleText>[0];

/** What can be written to the terminal. A string is data: it is shown as one line, without control characters and keys. */
export type Writable = string | TerminalText;

/**
 * Text that is safe to write to a terminal or to a CI log. Everything that the command line writes is one, and the functions
 * of this module are the only way to make one.
 *
 * Names, owners, reasons, file names and answers of AWS are data that others chose. In such data, keys are cut after
 * their prefix, and everything that a terminal or a CI system would act on is written as a JSON escape, such as `\n`,
 * `\u001b` or `\u202e`.
 */
class TerminalText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}
export type { TerminalText };

/**
 * Everything in data that can change what a reader sees or what a CI system does: control characters (among them newlines and
 * escape sequences), format characters (bidirectional overrides, zero-width characters), line separators, halves of surrogate
 * pairs, and the start of a logging command (`##[` of GitHub Actions and Azure Pipelines, `##vso[`, `##teamcity[`).
 */
const ACTIVE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]|#(?=#\w{0,20}\[)/gu;

/** The same in JSON text, whose newlines between values are its layout. Within its strings they are escaped already. */
const ACTIVE_IN_JSON = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]|#(?=#\w{0,20}\[)/gu;

const SHORT_ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function escaped(character: string): string {
  const short = SHORT_ESCAPES[character];
  if (short !== undefined) return short;
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}

/** Makes a string safe. A text that is safe already stays as it is. */
export function terminalText(data: Writable): TerminalText {
  if (data instanceof TerminalText) return data;
  return new TerminalText(withoutKeys(data).replaceAll(ACTIVE, escaped));
}

/**
 * Joins pieces into one text, each of them made safe.
 *
 * @example
 * line`${path}:${String(number)}: ${styled('red', prefix)}`
 */
export function line(literals: TemplateStringsArray, ...pieces: readonly Writable[]): TerminalText {
  return new TerminalText(String.raw({ raw: literals }, ...pieces.map((piece) => terminalText(piece).text)));
}

/** Puts texts below each other, each of them made safe. */
export function lines(all: readonly Writable[]): TerminalText {
  return new TerminalText(all.map((one) => terminalText(one).text).join('\n'));
}

/** Styles a text for stdout, unless that is not a terminal or `NO_COLOR` is set. */
export function styled(format: Format, data: Writable): TerminalText {
  return new TerminalText(styleText(format, terminalText(data).text, { stream: process.stdout }));
}

/** The same for stderr. */
export function styledNote(format: Format, data: Writable): TerminalText {
  return new TerminalText(styleText(format, terminalText(data).text, { stream: process.stderr }));
}

/**
 * Answers for machines. Keys are hidden as everywhere; the escapes are part of JSON, so every other value stays exact.
 *
 * @param options.key a key that was just issued, which is shown
 * @param options.indent as of `JSON.stringify` @default 2
 */
export function json(
  answer: unknown,
  { key, indent = 2 }: { key?: string | null; indent?: number } = {},
): TerminalText {
  return new TerminalText(withoutKeys(JSON.stringify(answer, null, indent), key).replaceAll(ACTIVE_IN_JSON, escaped));
}

/** Text of the program's own, such as a script for a shell, or a key that was just issued. It is written exactly as it is. */
export function verbatim(text: string): TerminalText {
  return new TerminalText(text);
}
