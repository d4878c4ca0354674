import { defineConfig } from 'vitest/config';

/** What the domain's own tests find, without any I/O: for `npm run mutation`. */
export default defineConfig({
  test: { include: ['test/unit/core/**/*.test.ts', 'test/unit/gateway/*.test.ts'], testTimeout: 30_000 },
});
