import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/global-setup.ts'],
    testTimeout: 60_000,
    // Generous: a busy machine is no fault of what is tested.
    expect: { poll: { timeout: 20_000 } },
    hookTimeout: 60_000,
  },
});
