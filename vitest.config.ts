import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (file: string) => fileURLToPath(new URL(file, import.meta.url));

export default defineConfig({
  // What the code of an example means by the package.
  resolve: {
    alias: [
      { find: /^latchkey$/, replacement: source('lib/index.ts') },
      { find: /^latchkey\/(\w+)$/, replacement: source('lib/$1.ts') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/global-setup.ts', 'test/secrets/global-setup.ts'],
    setupFiles: ['test/secrets/capture.ts'],
    testTimeout: 60_000,
    // Generous: a busy machine is no fault of what is tested.
    expect: { poll: { timeout: 20_000 } },
    hookTimeout: 60_000,
    // The search for secrets is at the end.
    teardownTimeout: 120_000,
  },
});
