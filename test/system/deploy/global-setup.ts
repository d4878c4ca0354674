import type { TestProject } from 'vitest/node';
import { sendSigned } from '../acceptance/http.ts';
import { cdk } from './cdk.ts';
import { emulatedAccount, startMiniStack } from './ministack.ts';

declare module 'vitest' {
  interface ProvidedContext {
    ministack: string;
  }
}

const BUCKET = 'cdk-hnb659fds-assets-000000000000-us-east-1';

/** Starts one emulated account for the whole run, and bootstraps it with the CDK like a real account. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const ministack = await startMiniStack();
  try {
    const account = emulatedAccount(ministack.endpoint);
    await cdk(account, ['bootstrap', 'aws://000000000000/us-east-1']);
    await allowPlainHttp(account);
  } catch (error) {
    await ministack.stop();
    throw error;
  }
  project.provide('ministack', ministack.endpoint);
  return () => ministack.stop();
}

/** Removes the HTTPS-only policy of the CDK's bucket. The emulator enforces it, but has no HTTPS. */
async function allowPlainHttp({ aws }: ReturnType<typeof emulatedAccount>): Promise<void> {
  const request = { method: 'DELETE', path: `/${BUCKET}?policy` };
  const { status } = await sendSigned({ url: aws.endpoint }, request, { ...aws, service: 's3' });
  if (status !== 204) throw new Error(`could not delete the policy of the CDK's bucket: status ${String(status)}`);
}
