import { randomBytes, timingSafeEqual } from 'node:crypto';

/** 256 bits, as text for a URL or a cookie. */
const newToken = () => randomBytes(32).toString('base64url');

/**
 * Who may use a console: whoever opens a link of its, and whose browser keeps the cookie that it is exchanged for.
 *
 * A link works once. So it is worthless in a browser's history, in a terminal's scrollback, or to whoever sees it
 * later; and a second browser takes a second link, and has a cookie of its own.
 */
export class ConsoleSession {
  readonly #unused = new Set<string>();
  readonly #cookies = new Set<string>();

  /** A token for a new link. */
  newLinkToken(): string {
    const token = newToken();
    this.#unused.add(token);
    return token;
  }

  /** Exchanges a link's token for what the cookie holds; `undefined` if there is no such link, or it has been used. */
  open(token: string): string | undefined {
    const found = [...this.#unused].find((one) => same(one, token));
    if (found === undefined) return undefined;
    this.#unused.delete(found);
    const cookie = newToken();
    this.#cookies.add(cookie);
    return cookie;
  }

  /** Whether a request with this cookie is the operator's. */
  has(cookie: string | undefined): boolean {
    return cookie !== undefined && [...this.#cookies].some((one) => same(one, cookie));
  }
}

/** Compares without telling by the time it takes where they differ. */
function same(secret: string, given: string): boolean {
  const [one, other] = [Buffer.from(secret), Buffer.from(given)];
  return one.length === other.length && timingSafeEqual(one, other);
}
