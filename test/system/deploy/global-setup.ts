import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { sendSigned } from '../acceptance/http.ts';
import { cdk } from './cdk.ts';
import { packTarball } from './consumer.ts';
import { emulatedAccount, startMiniStack } from './ministack.ts';

declare module 'vitest' {
  interface ProvidedContext {
    ministack: string;
    tarball: string;
  }
}

const BUCKET = 'cdk-hnb659fds-assets-000000000000-us-east-1';

/**
 * Starts one emulated account for the whole run, and bootstraps it with the CDK like a real account. Packs the package once,
 * because packing builds it again, and tests in parallel would find it half built.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-tarball-'));
  project.provide('tarball', await packTarball(folder));
  const ministack = await startMiniStack();
  try {
    const account = emulatedAccount(ministack.endpoint);
    await cdk(account, ['bootstrap', 'aws://000000000000/us-east-1']);
    await allowPlainHttp(account);
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

/** Removes the HTTPS-only policy of the CDK's bucket. The emulator enforces it, but has no HTTPS. */
async function allowPlainHttp({ aws }: ReturnType<typeof emulatedAccount>): Promise<void> {
  const request = { method: 'DELETE', path: `/${BUCKET}?policy` };
  const { status } = await sendSigned({ url: aws.endpoint }, request, { ...aws, service: 's3' });
  if (status !== 204) throw new Error(`could not delete the policy of the CDK's bucket: status ${String(status)}`);
}
