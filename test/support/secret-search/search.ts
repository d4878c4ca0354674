/** A piece of a secret this long is a leak: sixteen characters are 95 bits of it, and nothing else says them by chance. */
const PIECE = 16;

/** In hex one character is two, so half as many of the secret's. */
const HEX_PIECE = PIECE / 2;

/** Runs of characters that a piece could be in, in whatever form. */
const RUNS = /[0-9A-Za-z+/]{16,}/g;

/**
 * Finds secrets in texts: whole, or any run of 31 characters of one, its first sixteen or its last; as they are (which
 * is also how a URL and JSON have them, for they are letters and digits), in base64 and in base64url at whatever place
 * in the encoded text, and in hex of either case.
 */
export class SecretSearch {
  readonly #pieces = new Set<string>();

  constructor(secrets: Iterable<string>) {
    for (const secret of secrets) {
      // What tests make of a fixed source of randomness, such as forty-three zeros, is no secret.
      if (new Set(secret).size < 12) continue;
      this.#add(secret, PIECE);
      const hex = Buffer.from(secret).toString('hex');
      for (const one of [hex, hex.toUpperCase()]) this.#add(one, 2 * HEX_PIECE);
      for (const before of [0, 1, 2]) {
        const encoded = Buffer.from('\0'.repeat(before) + secret).toString('base64');
        // Its first characters depend on what stands before the secret, its last on what follows.
        this.#add(encoded.slice(before === 0 ? 0 : before + 1, -4), PIECE);
      }
    }
  }

  /** The index of the first piece of a secret, or -1. */
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
