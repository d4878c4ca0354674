import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { bootstrap } from './bootstrap.ts';
import { packTarball } from './consumer.ts';
import { emulatedAccount, startMiniStack } from './ministack.ts';

declare module 'vitest' {
  interface ProvidedContext {
    ministack: string;
    tarball: string;
  }
}

/**
 * Starts one emulated account for the whole run, and bootstraps it with the CDK like a real account. Packs the package once,
 * because packing builds it again, and tests in parallel would find it half built.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-tarball-'));
  project.provide('tarball', await packTarball(folder));
  const ministack = await startMiniStack();
  try {
    await bootstrap(emulatedAccount(ministack.endpoint));
  } catch (error) {
    await ministack.stop();
    await rm(folder, { recursive: true });
    throw error;
  }
  project.provide('ministack', ministack.endpoint);
  return async () => {
    await ministack.stop();
    await rm(folder, { recursive: true });
  };
}
