import { randomBytes, timingSafeEqual } from 'node:crypto';

/** Returns 256 random bits in base64url. */
const newToken = () => randomBytes(32).toString('base64url');

/**
 * The sessions of a console. A link is exchanged for a cookie, which identifies the session.
 *
 * A link works once, so it is useless in the browser's history and in the terminal's scrollback. A second browser needs a second
 * link.
 */
export class ConsoleSession {
  readonly #unused = new Set<string>();
  readonly #cookies = new Set<string>();

  /** Creates the token of a new link. */
  newLinkToken(): string {
    const token = newToken();
    this.#unused.add(token);
    return token;
  }

  /** Exchanges the token of a link for a cookie value. Returns `undefined` if the link is unknown or was used. */
  open(token: string): string | undefined {
    const found = [...this.#unused].find((one) => same(one, token));
    if (found === undefined) return undefined;
    this.#unused.delete(found);
    const cookie = newToken();
    this.#cookies.add(cookie);
    return cookie;
  }

  /** Whether a cookie value belongs to a session. */
  has(cookie: string | undefined): boolean {
    return cookie !== undefined && [...this.#cookies].some((one) => same(one, cookie));
  }
}

/** Compares two strings in constant time. */
function same(secret: string, given: string): boolean {
  const [one, other] = [Buffer.from(secret), Buffer.from(given)];
  return one.length === other.length && timingSafeEqual(one, other);
}
