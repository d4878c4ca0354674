import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (file: string) => fileURLToPath(new URL(file, import.meta.url));

export default defineConfig({
  // What the code of an example means by the package.
  resolve: {
    alias: [
      { find: /^latchkey$/, replacement: source('lib/index.ts') },
      { find: /^latchkey\/client$/, replacement: source('lib/client.ts') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/global-setup.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
