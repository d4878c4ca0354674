import { defineConfig } from 'vitest/config';

/** The tests of the key store against DynamoDB Local, for `npm run mutation`. */
export default defineConfig({
  test: {
    include: ['test/{unit,integration}/storage/*.test.ts', 'test/integration/{rate-limit,usage,events}/*.test.ts'],
    globalSetup: ['test/support/dynamodb-local.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
