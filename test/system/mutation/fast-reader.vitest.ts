import { defineConfig } from 'vitest/config';

/** The tests of the authorizer's fast reader against DynamoDB Local, for `npm run mutation`. */
export default defineConfig({
  test: {
    include: ['test/{unit,integration}/storage/fast-reader/*.test.ts'],
    globalSetup: ['test/support/dynamodb-local.ts'],
    testTimeout: 30_000,
    expect: { poll: { timeout: 10_000 } },
    hookTimeout: 60_000,
  },
});
