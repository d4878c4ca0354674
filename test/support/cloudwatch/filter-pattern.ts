/** The characters that CloudWatch Logs accepts between two `%`. */
const REGEX_CHARACTERS = /^[A-Za-z0-9:_#=@/;,\-^$?[\]{}|\\*+.]+$/;
const TERM = /\s*(?:(?<sign>[?-])?(?:"(?<phrase>(?:[^"\\]|\\.)*)"|(?<word>\w+))|%(?<regex>[^%]+)%)\s*/y;

/**
 * A filter pattern of CloudWatch Logs for unstructured lines: words, quoted phrases, `?optional` and `-excluded` terms, and one
 * regular expression.
 *
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/regex-expressions.html
 *
 * @throws {Error} if CloudWatch Logs would reject the pattern, or the pattern mixes terms whose meaning is not documented
 */
export function filterPattern(pattern: string): (line: string) => boolean {
  if (pattern.length > 1024) throw new Error('A filter pattern can have up to 1,024 characters.');
  const required: ((line: string) => boolean)[] = [];
  const optional: ((line: string) => boolean)[] = [];
  const excluded: ((line: string) => boolean)[] = [];
  for (TERM.lastIndex = 0; TERM.lastIndex < pattern.length;) {
    const { lastIndex } = TERM;
    const groups = TERM.exec(pattern)?.groups;
    if (groups === undefined) throw new Error(`Invalid filter pattern at character ${String(lastIndex)}: ${pattern}`);
    const { sign, phrase, word, regex } = groups;
    if (regex !== undefined) {
      if (!REGEX_CHARACTERS.test(regex))
        throw new Error(`CloudWatch Logs rejects characters of this expression: ${regex}`);
      const compiled = new RegExp(regex);
      required.push((line) => compiled.test(line));
      continue;
    }
    const text = phrase ?? word ?? '';
    (sign === '?' ? optional : sign === '-' ? excluded : required).push((line) => line.includes(text));
  }
  if (optional.length > 0 && required.length + excluded.length > 0)
    throw new Error('CloudWatch Logs ignores optional terms next to other terms.');
  return (line) =>
    required.every((matches) => matches(line)) &&
    (optional.length === 0 || optional.some((matches) => matches(line))) &&
    !excluded.some((matches) => matches(line));
}
