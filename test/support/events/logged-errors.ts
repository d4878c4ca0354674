import { vi } from 'vitest';

/** Captures the functions' log entries. Returns a function that returns the entries so far. */
export function captureLoggedErrors(): () => Record<string, unknown>[] {
  const write = vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
  write.mockClear();
  return () => write.mock.calls.map(([line]) => JSON.parse(String(line)) as Record<string, unknown>);
}
