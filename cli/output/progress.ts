import { SingleBar } from 'cli-progress';

export interface Progress {
  add(count: number): void;
  done(): void;
}

/** A progress bar on stderr; none where that is no terminal. */
export function progressBar(what: string, total: number): Progress {
  const bar = new SingleBar({
    format: `${what} [{bar}] {percentage}% | {value}/{total} | {duration_formatted}, {eta_formatted} to go`,
    stream: process.stderr,
    hideCursor: true,
    noTTYOutput: false,
  });
  bar.start(total, 0);
  return {
    add: (count) => {
      bar.increment(count);
    },
    done: () => {
      bar.stop();
    },
  };
}
