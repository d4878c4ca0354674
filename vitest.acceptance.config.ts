import { defineConfig } from 'vitest/config';

/** The acceptance suite against a real AWS account: `npm run test:acceptance`. */
export default defineConfig({
  test: { include: ['test/acceptance/*.acceptance.ts'], testTimeout: 60_000, hookTimeout: 60_000 },
});
