import { generateKeyPairSync, sign } from 'node:crypto';
import { json, serve } from '../../../local/gateway/http.ts';

const ID = 'a-key-of-ours';

export interface FakeGitHub {
  /** The URL of its public keys. */
  readonly url: string;
  /** The event that API Gateway sends for its request. */
  alert(alerts: readonly object[]): object;
  stop(): Promise<void>;
}

/** A fake GitHub that signs alerts and publishes its public key. */
export async function fakeGitHub(): Promise<FakeGitHub> {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const answer = { public_keys: [{ key_identifier: ID, key, is_current: true }] };
  const server = await serve(() => Promise.resolve(json(200, answer)), { port: 0, flag: '' });
  return {
    url: `${server.url}/meta`,
    alert: (alerts) => {
      const body = JSON.stringify(alerts);
      const signature = sign('sha256', Buffer.from(body), privateKey).toString('base64');
      return { headers: { 'github-public-key-identifier': ID, 'github-public-key-signature': signature }, body };
    },
    stop: () => server.stop(),
  };
}
