import { vi } from 'vitest';

/** Captures what the functions' logger writes from now on. Returns the entries that it has written by then. */
export function captureLoggedErrors(): () => Record<string, unknown>[] {
  const write = vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
  write.mockClear();
  return () => write.mock.calls.map(([line]) => JSON.parse(String(line)) as Record<string, unknown>);
}
