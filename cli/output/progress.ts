import { SingleBar } from 'cli-progress';

export interface Progress {
  add(count: number): void;
  stop(): void;
}

/** Shows a progress bar on stderr, if stderr is a terminal. */
export function progressBar(what: string, total: number): Progress {
  const bar = new SingleBar({
    format: `${what} [{bar}] {percentage}% | {value}/{total} | {duration_formatted}, {eta_formatted} left`,
    stream: process.stderr,
    hideCursor: true,
    noTTYOutput: false,
  });
  bar.start(total, 0);
  return {
    add: (count) => {
      bar.increment(count);
    },
    stop: () => {
      bar.stop();
    },
  };
}
