import { tmpdir } from 'node:os';
import { sendSigned } from '../acceptance/http.ts';
import { cdk } from './cdk.ts';
import type { EmulatedAccount } from './ministack.ts';

const BUCKET = 'cdk-hnb659fds-assets-000000000000-us-east-1';

/** Bootstraps an emulated account with the CDK, like a real account. */
export async function bootstrap(account: EmulatedAccount): Promise<void> {
  // Not in this project's folder, whose cdk.json would build everything again.
  await cdk(account, ['bootstrap', 'aws://000000000000/us-east-1'], tmpdir());
  await allowPlainHttp(account);
}

/** Removes the HTTPS-only policy of the CDK's bucket. The emulator enforces it, but has no HTTPS. */
async function allowPlainHttp({ aws }: EmulatedAccount): Promise<void> {
  const request = { method: 'DELETE', path: `/${BUCKET}?policy` };
  const { status } = await sendSigned({ url: aws.endpoint }, request, { ...aws, service: 's3' });
  if (status !== 204) throw new Error(`could not delete the policy of the CDK's bucket: status ${String(status)}`);
}
