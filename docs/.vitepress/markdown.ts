/** A text in a generated page. VitePress would read `<` and `{{` as code. */
export const text = (value: string) =>
  value.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('{{', '{&#123;').replaceAll('\n', '<br>');

/** A code span in a table. */
export const code = (value: string) => `\`${value.replaceAll('|', '\\|')}\``;

/** A table, or nothing if it has no rows. The cells are Markdown. */
export const table = (titles: readonly string[], rows: readonly (readonly string[])[]) =>
  rows.length === 0
    ? ''
    : `${[titles, titles.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n\n`;
