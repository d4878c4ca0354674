import { randomUUID } from 'node:crypto';
import { appendFileSync, globSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder of the run's {@link Ledger}. */
    secretsLedger: string;
  }
}

/**
 * How often a place may show a key: `never`, `once` (where a key is returned to its owner), or `freely` (demo keys).
 */
export type MayShow = 'never' | 'once' | 'freely';

/** The output of one place: a stream, or all responses of one kind. */
export interface Said {
  /** For example `stdout of latchkey list, test/integration/cli/latchkey.test.ts`. */
  readonly place: string;
  readonly mayShow: MayShow;
  readonly text: string;
}

/** Records every issued key and all output of a test run in a folder. */
export class Ledger {
  readonly #issued: string;
  readonly #said: string;
  readonly #known = new Set<string>();
  readonly #file = randomUUID();

  constructor(folder: string) {
    this.#issued = join(folder, 'issued');
    this.#said = join(folder, 'said');
    for (const one of [this.#issued, this.#said]) mkdirSync(one, { recursive: true });
  }

  /** Records the secret of a key. */
  issue(secret: string): void {
    if (this.#known.has(secret)) return;
    this.#known.add(secret);
    appendFileSync(join(this.#issued, this.#file), `${secret}\n`);
  }

  /** Opens a place. Returns a function that appends to its output. */
  place(place: string, mayShow: MayShow = 'never'): (piece: string | Uint8Array) => void {
    const file = join(this.#said, randomUUID());
    let begun = false;
    return (piece) => {
      if (!begun) appendFileSync(file, `${JSON.stringify({ place, mayShow })}\n`);
      begun = true;
      appendFileSync(file, piece);
    };
  }

  get issued(): string[] {
    const files = globSync(join(this.#issued, '*'));
    return [...new Set(files.flatMap((file) => readFileSync(file, 'utf8').trim().split('\n')))];
  }

  *said(): Iterable<Said> {
    for (const file of globSync(join(this.#said, '*'))) {
      const content = readFileSync(file, 'utf8');
      const end = content.indexOf('\n');
      yield { ...(JSON.parse(content.slice(0, end)) as Omit<Said, 'text'>), text: content.slice(end + 1) };
    }
  }
}
