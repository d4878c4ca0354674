import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (file: string) => fileURLToPath(new URL(file, import.meta.url));

/** DynamoDB Local, and the search of everything that a run printed, stored or wrote for issued secrets. */
const SERVICES = {
  globalSetup: ['test/support/dynamodb-local.ts', 'test/support/secret-search/global-setup.ts'],
  setupFiles: ['test/support/secret-search/capture.ts'],
  // The search for secrets runs at the end.
  teardownTimeout: 120_000,
};

/** Docs: docs/testing.md says what each tier needs and how long it takes. */
export default defineConfig({
  // The examples import the package by its name.
  resolve: {
    alias: [
      { find: /^latchkey$/, replacement: source('src/index.ts') },
      { find: /^latchkey\/(\w+)$/, replacement: source('src/$1.ts') },
    ],
  },
  test: {
    // The tests wait for child processes and for DynamoDB Local, so a small machine can run two files at a time.
    maxWorkers: 2,
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      reporter: ['text-summary', 'html', 'json-summary'],
      reportsDirectory: 'coverage/unit',
      // The unit tier covers the pure code. The other folders are mostly covered by the integration tier.
      thresholds: {
        'src/core/**': { lines: 98, branches: 97, functions: 98, statements: 98 },
        'src/backend/**': { lines: 98, branches: 97, functions: 98, statements: 98 },
        'src/gateway/**': { lines: 91, branches: 92, functions: 90, statements: 91 },
      },
    },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          testTimeout: 30_000,
          // Importing the modules again for each file takes as long as the tests. No unit test mocks a module.
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          ...SERVICES,
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // Generous, because a busy machine is not a failure of what is tested.
          expect: { poll: { timeout: 20_000 } },
        },
      },
      {
        extends: true,
        test: {
          ...SERVICES,
          name: 'system',
          include: ['test/system/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          expect: { poll: { timeout: 20_000 } },
        },
      },
      {
        extends: true,
        test: {
          ...SERVICES,
          // The long searches. `npm test` has a shorter form of each.
          name: 'full',
          include: [
            'test/**/*.full.ts',
            'test/integration/import/resume.test.ts',
            'test/integration/rate-limit/counter-store.test.ts',
            'test/system/model/model.test.ts',
          ],
          env: { LATCHKEY_SEARCH: 'full' },
          testTimeout: 300_000,
          hookTimeout: 60_000,
          expect: { poll: { timeout: 20_000 } },
        },
      },
      {
        extends: true,
        test: {
          ...SERVICES,
          name: 'console',
          include: ['test/system/console/**/*.browser.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          expect: { poll: { timeout: 15_000 } },
          // A small machine runs one browser at a time.
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'package',
          include: ['test/system/package/*.package.ts'],
          // TypeScript checks all declarations of aws-cdk-lib.
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'jsii',
          include: ['test/system/jsii/*.jsii.ts'],
          // The first run downloads the CDK for Python and Java.
          testTimeout: 240_000,
          hookTimeout: 900_000,
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'deploy',
          include: ['test/system/deploy/*.deploy.ts'],
          exclude: ['test/system/deploy/aws.deploy.ts'],
          globalSetup: ['test/system/deploy/global-setup.ts'],
          // One file waits for a cache to expire while the other deploys.
          maxWorkers: 2,
          testTimeout: 240_000,
          hookTimeout: 240_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'moto',
          // The contract of the stores, on an implementation of DynamoDB that AWS did not write.
          include: [
            'test/integration/storage/{dynamo,owners}.test.ts',
            'test/integration/storage/fast-reader/key-reader.test.ts',
          ],
          globalSetup: ['test/system/key-secret/global-moto.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          expect: { poll: { timeout: 20_000 } },
        },
      },
      {
        extends: true,
        test: {
          name: 'aws-emulated',
          include: ['test/system/deploy/aws.deploy.ts'],
          globalSetup: ['test/system/deploy/global-setup.ts'],
          testTimeout: 240_000,
          hookTimeout: 240_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'acceptance',
          include: ['test/system/acceptance/*.acceptance.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'aws',
          include: ['test/system/aws/*.acceptance.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
