import { defineConfig } from 'vitest/config';

/** The console in a browser: docs/testing.md. */
export default defineConfig({
  test: {
    include: ['test/console/**/*.browser.ts'],
    globalSetup: ['test/global-setup.ts', 'test/secrets/global-setup.ts'],
    setupFiles: ['test/secrets/capture.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 15_000 } },
    // One browser at a time is as much as a small machine has.
    fileParallelism: false,
    // The search for secrets is at the end.
    teardownTimeout: 120_000,
  },
});
