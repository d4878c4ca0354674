import { afterEach, expect, it, vi } from 'vitest';
import { issueAndPrint } from '../../../cli/output/secret.ts';
import type { IssuedKey } from '../../../src/management/operations/issue-key.ts';
import type { KeyView } from '../../../src/management/view.ts';

const issued: IssuedKey = {
  key: 'the key',
  record: { prefix: '4fQ9aZ0bT1xW', name: 'x', scopes: [], metadata: {} } as unknown as KeyView,
  message: 'shown this once',
};
const isTerminal = process.stderr.isTTY;
afterEach(() => {
  process.stderr.isTTY = isTerminal;
  vi.restoreAllMocks();
});

it.each([
  [true, 1, 'Store it now'],
  [false, 0, 'so it is lost'],
])(
  'prints a key that cannot be written to stdout to stderr only if stderr is a terminal (%s)',
  async (terminal, times, advice) => {
    process.stderr.isTTY = terminal;
    const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    vi.spyOn(process.stdout, 'write').mockImplementation(() => {
      process.stdout.emit('error', Object.assign(new Error('no space'), { code: 'ENOSPC' }));
      return false;
    });
    const withdraw = () => Promise.reject(new Error('a key that was printed is not withdrawn'));
    await expect(issueAndPrint({ json: true }, { issue: () => Promise.resolve(issued), withdraw })).rejects.toThrow(
      advice,
    );
    expect(said.mock.calls.filter(([text]) => text === 'the key\n')).toHaveLength(times);
  },
);
