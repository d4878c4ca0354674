import { withoutKeys } from './without-keys.ts';

/**
 * The characters that can change what a reader sees or what a CI system does: control characters (including newlines and
 * escape sequences), format characters (bidirectional overrides, zero-width characters), line separators, lone surrogates, and
 * the start of a logging command (`##[` of GitHub Actions and Azure Pipelines, `##vso[`, `##teamcity[`).
 */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]|#(?=#\w{0,20}\[)/gu;

/** The same in JSON text, whose newlines are layout. Newlines in its strings are already escaped. */
const UNSAFE_IN_JSON = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]|#(?=#\w{0,20}\[)/gu;

const SHORT_ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function escaped(character: string): string {
  const short = SHORT_ESCAPES[character];
  if (short !== undefined) return short;
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}

/**
 * Returns a string that is safe to print on one line of a terminal or a CI log. Keys are cut after their prefix, and unsafe
 * characters are written as JSON escapes, such as `\n`, `\u001b` or `\u202e`.
 */
export function safeText(data: string): string {
  return withoutKeys(data).replaceAll(UNSAFE, escaped);
}

/**
 * Returns JSON that is safe to print. The escapes are valid JSON, so a parser returns every value exactly, except for keys.
 *
 * @param text the output of `JSON.stringify`
 * @param shown a key that is not cut
 */
export function safeJson(text: string, shown?: string | null): string {
  return withoutKeys(text, shown).replaceAll(UNSAFE_IN_JSON, escaped);
}
