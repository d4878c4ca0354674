/** The length of the shortest fragment that counts as a leak. 16 characters have 95 bits, so chance matches don't occur. */
const PIECE = 16;

/** A hex digest has two digits per character, so a fragment has half as many characters. */
const HEX_PIECE = PIECE / 2;

/** Runs of characters that could contain a fragment in any encoding. */
const RUNS = /[0-9A-Za-z+/]{16,}/g;

/**
 * Finds secrets in texts: complete, any 31 consecutive characters, the first 16, or the last 16. It finds them as plain text
 * (also in URLs and JSON, because secrets are alphanumeric), in Base64 and Base64url at any offset, and in hex of either case.
 */
export class SecretSearch {
  readonly #pieces = new Set<string>();

  constructor(secrets: Iterable<string>) {
    for (const secret of secrets) {
      // Secrets from a fixed random source in tests, such as 43 zeros, don't count.
      if (new Set(secret).size < 12) continue;
      this.#add(secret, PIECE);
      const hex = Buffer.from(secret).toString('hex');
      for (const one of [hex, hex.toUpperCase()]) this.#add(one, 2 * HEX_PIECE);
      for (const before of [0, 1, 2]) {
        const encoded = Buffer.from('\0'.repeat(before) + secret).toString('base64');
        // The first characters depend on the text before the secret, the last ones on the text after it.
        this.#add(encoded.slice(before === 0 ? 0 : before + 1, -4), PIECE);
      }
    }
  }

  /** Returns the index of the first fragment of a secret, or -1. */
  indexIn(text: string): number {
    for (const { 0: run, index } of text.matchAll(RUNS))
      for (let at = 0; at + PIECE <= run.length; at++)
        if (this.#pieces.has(run.slice(at, at + PIECE))) return index + at;
    return -1;
  }

  #add(text: string, length: number): void {
    for (let at = 0; at + length <= text.length; at += length) this.#pieces.add(text.slice(at, at + length));
    this.#pieces.add(text.slice(-length));
  }
}
