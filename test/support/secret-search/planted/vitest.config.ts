import { defineConfig } from 'vitest/config';

/** A run in which keys leak if `PLANTED` is set. `test/system/secrets/secrets.test.ts` expects it to fail. */
export default defineConfig({
  test: {
    include: ['test/support/secret-search/planted/*.planted.ts'],
    globalSetup: ['test/support/dynamodb-local.ts', 'test/support/secret-search/global-setup.ts'],
    setupFiles: ['test/support/secret-search/capture.ts'],
    teardownTimeout: 120_000,
    testTimeout: 60_000,
  },
});
