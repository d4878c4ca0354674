import { defineConfig } from 'vitest/config';

/** The tests that run the store's sources, against DynamoDB Local: for `npm run mutation`. */
export default defineConfig({
  test: {
    include: ['test/store/*.test.ts', 'test/usage/*.test.ts'],
    globalSetup: ['test/global-setup.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
