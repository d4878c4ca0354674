/** A cell that a spreadsheet would run as a formula: https://owasp.org/www-community/attacks/CSV_Injection */
const FORMULA = /^[=+\-@\t\r]/;

/**
 * Returns CSV as RFC 4180 defines it. A cell that a spreadsheet would run as a formula gets a leading apostrophe, because names and
 * owners come from other people.
 *
 * @param rows the header and the rows
 * @example
 * csvOf([['prefix', 'name'], ['4fQ9aZ0bT1xW', 'Checkout, EU']]) // 'prefix,name\r\n4fQ9aZ0bT1xW,"Checkout, EU"\r\n'
 */
export function csvOf(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map(cellOf).join(',')}\r\n`).join('');
}

function cellOf(value: string): string {
  const text = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
