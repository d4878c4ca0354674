import { apiKey } from '@better-auth/api-key';
import { betterAuth } from 'better-auth';
import { memoryAdapter } from 'better-auth/adapters/memory';
import { foreignKeyMade } from '../../../support/secret-search/foreign-keys.ts';
import type { PeerKey } from './peer-key.ts';

/** Creates keys with the real Better Auth. Returns the rows of its table. */
export async function betterAuthKeys(count: number): Promise<{ rows: unknown[]; keys: PeerKey[] }> {
  const tables: Record<string, unknown[]> = { user: [], session: [], account: [], verification: [], apikey: [] };
  const auth = betterAuth({
    secret: 'only for this test: 7Kq2vX9mB4nL8pR1',
    baseURL: 'http://localhost',
    database: memoryAdapter(tables),
    emailAndPassword: { enabled: true },
    plugins: [apiKey({ enableMetadata: true })],
    telemetry: { enabled: false },
    logger: { disabled: true },
  });
  const { user } = await auth.api.signUpEmail({
    body: { email: 'a@example.com', password: 'correct horse', name: 'A' },
  });
  const keys: PeerKey[] = [];
  for (let index = 0; index < count; index++) {
    const state = index % 8 === 0 ? 'disabled' : index % 8 === 1 ? 'expiring' : 'active';
    const { id, key } = await auth.api.createApiKey({
      body: {
        name: `team ${String(index)}`,
        userId: user.id,
        metadata: { plan: 'pro', index },
        ...(index % 2 === 0 ? { prefix: 'acme_' } : {}),
        ...(state === 'expiring' ? { expiresIn: 30 * 24 * 3600 } : {}),
      },
    });
    if (state === 'disabled') await auth.api.updateApiKey({ body: { keyId: id, userId: user.id, enabled: false } });
    foreignKeyMade(key);
    const { valid } = await auth.api.verifyApiKey({ body: { key } });
    if (valid !== (state !== 'disabled'))
      throw new Error(`Better Auth disagrees about the status of key ${String(index)}`);
    keys.push({ key, state });
  }
  return { rows: tables['apikey'] ?? [], keys };
}
