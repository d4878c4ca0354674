import { defineConfig } from 'vitest/config';

/** Real deployments, to an AWS account emulated on this machine: `npm run test:deploy`. */
export default defineConfig({
  test: {
    include: ['test/deploy/*.deploy.ts'],
    globalSetup: ['test/deploy/global-setup.ts'],
    // One waits for a cache to end while the other deploys.
    maxWorkers: 2,
    testTimeout: 240_000,
    hookTimeout: 240_000,
  },
});
