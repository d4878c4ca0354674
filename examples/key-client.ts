import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

/** How long a key is cached, in milliseconds. Keep it well below the overlap of the KeySecret. */
const TTL_MS = 5 * 60_000;

/** How many keys a request is sent with at most: the key can be rotated again while the request is on its way. */
const MAX_KEYS = 3;

/**
 * Returns a `fetch` that sends the key of a secret. It caches the key, reads the secret again when the cache expires, and when
 * the API rejects the key, so that no request fails during a rotation.
 *
 * @example
 * const callApi = fetchWithKey(new SecretsManagerClient(), 'CheckoutKey');
 * const response = await callApi('https://api.example.com/orders');
 */
export function fetchWithKey(client: SecretsManagerClient, secretId: string, ttlMs = TTL_MS) {
  let cached: { readonly key: Promise<string>; readonly until: number } | undefined;

  function currentKey(): Promise<string> {
    if (cached !== undefined && Date.now() < cached.until) return cached.key;
    const key = readKey(client, secretId);
    cached = { key, until: Date.now() + ttlMs };
    // A failed read is not cached.
    key.catch(() => (cached = undefined));
    return key;
  }

  return async (url: string, init: RequestInit = {}): Promise<Response> => {
    const send = (key: string) => {
      const headers = new Headers(init.headers);
      headers.set('x-api-key', key);
      return fetch(url, { ...init, headers });
    };
    let key = await currentKey();
    for (let sent = 1; ; sent++) {
      const response = await send(key);
      const isRejected = response.status === 401 || response.status === 403;
      if (!isRejected || sent === MAX_KEYS) return response;
      // Another request may have read the new key already.
      if ((await currentKey()) === key) cached = undefined;
      const newKey = await currentKey();
      if (newKey === key) return response;
      await response.body?.cancel();
      key = newKey;
    }
  };
}

async function readKey(client: SecretsManagerClient, secretId: string): Promise<string> {
  const { SecretString = '' } = await client.send(
    new GetSecretValueCommand({ SecretId: secretId, VersionStage: 'AWSCURRENT' }),
  );
  return (JSON.parse(SecretString) as { key: string }).key;
}
