/** A column's name without what people overlook: case, spaces around it, and characters without a width. */
export function spelling(name: string): string {
  return name
    .normalize('NFKC')
    .replaceAll(/[\p{Cf}\p{Cc}]/gu, '')
    .trim()
    .toLowerCase();
}

/** As {@link spelling}, and without what joins the words of a name: `expires_at` is `expiresAt`. */
export function looseSpelling(name: string): string {
  return spelling(name).replaceAll(/[^\p{L}\p{N}]/gu, '');
}
