import { defineConfig } from 'vitest/config';

/** The unit tests of src/core, for `npm run mutation`. */
export default defineConfig({
  test: { include: ['test/unit/core/**/*.test.ts', 'test/unit/gateway/*.test.ts'], testTimeout: 30_000 },
});
