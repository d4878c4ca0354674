import { defineConfig } from 'vitest/config';

/** A run in which a key leaks, if `PLANTED` says so; `test/secrets/secrets.test.ts` expects it to fail. */
export default defineConfig({
  test: {
    include: ['test/secrets/planted/*.planted.ts'],
    globalSetup: ['test/global-setup.ts', 'test/secrets/global-setup.ts'],
    setupFiles: ['test/secrets/capture.ts'],
    teardownTimeout: 120_000,
    testTimeout: 60_000,
  },
});
