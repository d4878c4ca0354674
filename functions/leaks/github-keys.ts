import { z } from 'zod';

/** GitHub changes keys seldom, and lets unauthenticated callers ask 60 times an hour. */
const FRESH_MS = 3_600_000;
/** An id that is not among them may be new; or made up, so that is not asked about more often than this. */
const ASK_AGAIN_MS = 60_000;
const TIMEOUT_MS = 5000;

const answer = z.object({ public_keys: z.array(z.object({ key_identifier: z.string(), key: z.string() })) });

export interface GitHubKeysOptions {
  readonly url: string;
  /** @default the global fetch */
  readonly fetch?: typeof globalThis.fetch;
  /** @default Date.now */
  readonly now?: () => number;
}

/** GitHub's public keys, asked for when they are needed and kept for an hour. */
export class GitHubKeys {
  readonly #url: string;
  readonly #fetch: typeof globalThis.fetch;
  readonly #now: () => number;
  #keys: ReadonlyMap<string, string> = new Map();
  #fetchedAt = -Infinity;

  constructor({ url, fetch = globalThis.fetch, now = Date.now }: GitHubKeysOptions) {
    this.#url = url;
    this.#fetch = fetch;
    this.#now = now;
  }

  /**
   * The public key with this id in PEM, or `undefined` if GitHub has none.
   *
   * @throws {Error} if GitHub does not answer
   */
  async find(id: string): Promise<string | undefined> {
    const age = this.#now() - this.#fetchedAt;
    if (age >= FRESH_MS || (!this.#keys.has(id) && age >= ASK_AGAIN_MS)) await this.#ask();
    return this.#keys.get(id);
  }

  async #ask(): Promise<void> {
    const response = await this.#fetch(this.#url, {
      headers: { accept: 'application/json', 'user-agent': 'latchkey' },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) throw new Error(`GitHub answered ${String(response.status)} when asked for its public keys`);
    const { public_keys: keys } = answer.parse(await response.json());
    this.#keys = new Map(keys.map(({ key_identifier: id, key }) => [id, key]));
    this.#fetchedAt = this.#now();
  }
}
