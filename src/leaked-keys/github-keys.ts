import * as z from 'zod';

/** GitHub changes its keys rarely, and accepts 60 requests an hour from a caller without a token. */
const FRESH_MS = 3_600_000;
/** While GitHub does not respond, keys are used for this long. */
const MAX_STALE_MS = 24 * 3_600_000;
/**
 * The pause after a successful fetch, even for unknown key IDs, because anyone can send key IDs that don't exist. It leaves
 * most of GitHub's 60 requests an hour.
 */
const PAUSE_MS = 300_000;
/** The pause after a failed fetch. It doubles with each failure. */
const FIRST_BACKOFF_MS = 30_000;
const LONGEST_BACKOFF_MS = 900_000;
const TIMEOUT_MS = 5000;

const responseSchema = z.object({ public_keys: z.array(z.object({ key_identifier: z.string(), key: z.string() })) });

export interface GitHubKeysOptions {
  readonly url: string;
  /** @default the global fetch */
  readonly fetch?: typeof globalThis.fetch;
  /** @default Date.now */
  readonly now?: () => number;
}

/**
 * GitHub's public keys, fetched on demand and kept for an hour, or for a day while GitHub does not respond.
 *
 * Callers are not authenticated when they name a key. So one execution environment fetches at most once in five minutes,
 * and less often after failures, however many keys are asked for.
 */
export class GitHubKeys {
  readonly #url: string;
  readonly #fetch: typeof globalThis.fetch;
  readonly #now: () => number;
  #keys: ReadonlyMap<string, string> = new Map();
  #fetchedAt = -Infinity;
  #triedAt = -Infinity;
  #pauseMs = 0;
  #failures = 0;
  /** Why the last fetch failed. */
  #failure: unknown;
  #fetching: Promise<void> | undefined;

  constructor({ url, fetch = globalThis.fetch, now = Date.now }: GitHubKeysOptions) {
    this.#url = url;
    this.#fetch = fetch;
    this.#now = now;
  }

  /**
   * Returns the public key with this id in PEM, or `undefined` if GitHub has none.
   *
   * @throws {Error} if the key is not known and GitHub does not respond
   */
  async find(id: string): Promise<string | undefined> {
    const wanted = !this.#keys.has(id) || this.#since(this.#fetchedAt) >= FRESH_MS;
    if (wanted) await this.#refresh();
    const key = this.#since(this.#fetchedAt) < MAX_STALE_MS ? this.#keys.get(id) : undefined;
    if (key === undefined && this.#failures > 0)
      throw new Error("GitHub's public keys could not be fetched", { cause: this.#failure });
    return key;
  }

  /** Fetches the keys, unless that has to wait. Calls at the same time share one fetch. */
  async #refresh(): Promise<void> {
    if (this.#fetching === undefined && this.#since(this.#triedAt) < this.#pauseMs) return;
    this.#fetching ??= this.#tryFetch().finally(() => (this.#fetching = undefined));
    await this.#fetching;
  }

  async #tryFetch(): Promise<void> {
    this.#triedAt = this.#now();
    try {
      this.#keys = await this.#fetchKeys();
      this.#fetchedAt = this.#now();
      this.#failures = 0;
      this.#pauseMs = PAUSE_MS;
    } catch (error) {
      this.#failure = error;
      this.#pauseMs = Math.min(FIRST_BACKOFF_MS * 2 ** this.#failures, LONGEST_BACKOFF_MS);
      this.#failures += 1;
    }
  }

  async #fetchKeys(): Promise<ReadonlyMap<string, string>> {
    const response = await this.#fetch(this.#url, {
      headers: { accept: 'application/json', 'user-agent': 'latchkey' },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) throw new Error(`GitHub returned ${String(response.status)} for its public keys`);
    const { public_keys: keys } = responseSchema.parse(await response.json());
    return new Map(keys.map(({ key_identifier: id, key }) => [id, key]));
  }

  /** The time since then. After the clock has been set back it is not known, and counts as very long. */
  #since(time: number): number {
    const elapsedMs = this.#now() - time;
    return elapsedMs < 0 ? Infinity : elapsedMs;
  }
}
