import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newKey } from '../../../src/core/keys/key.ts';
import { digestOf } from '../../../src/core/keys/digest.ts';
import {
  DEFAULT_MANAGEMENT_SETTINGS,
  DEFAULT_SECRET_SCANNING_SETTINGS,
  type SecretScanningSettings,
} from '../../../src/gateway/settings.ts';
import type { Feedback } from '../../../src/leaked-keys/alerts.ts';
import { GitHubKeys } from '../../../src/leaked-keys/github-keys.ts';
import { createAlertHandler, type AlertEvent } from '../../../src/leaked-keys/handler.ts';
import { isSigned } from '../../../src/leaked-keys/signature.ts';
import { DynamoKeyStore } from '../../../src/storage/dynamo.ts';
import type { KeyStore, StoredKey } from '../../../src/storage/key-store.ts';
import { aRecord, LABEL } from '../../support/storage/records.ts';
import { testTable } from '../../support/storage/test-table.ts';

/** GitHub's own example, signed by GitHub. */
const GITHUB = {
  id: '90a421169f0a406205f1563a953312f0be898d3c7b6c06b681aa86a874555f4a',
  key: `-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE9MJJHnMfn2+H4xL4YaPDA4RpJqUq
kCmRCBnYERxZanmcpzQSXs1X/AljlKkbJ8qpVIW4clayyef9gWhFbNHWAA==
-----END PUBLIC KEY-----
`,
  body: '[{"token":"some_token","type":"some_type","url":"some_url"}]',
  signature: 'MEUCIQDKZokqnCjrRtw0tni+2Ltvl/uiMJ1EGumEsp1BsNr32AIgQY1YXD2nlj+XNfGK4rBfkMJ1JDOQcYXxa2sY8FNkrKc=',
};

const ours = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const OUR_KEY = {
  key_identifier: 'ours',
  key: ours.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  is_current: true,
};

/** A fake of the endpoint where GitHub publishes its keys. */
const gitHub = {
  requests: 0,
  status: 200,
  keys: [OUR_KEY, { ...OUR_KEY, key_identifier: GITHUB.id, key: GITHUB.key }],
};
let server: Server;
let url: string;
let store: DynamoKeyStore;
const notes: unknown[] = [];
let flushes = 0;
const clock = { now: 5_000_000 };

beforeAll(async () => {
  server = createServer((_request, response) => {
    gitHub.requests += 1;
    response.writeHead(gitHub.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ public_keys: gitHub.keys }));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/meta`;
  store = new DynamoKeyStore({ ...(await testTable()), retentionSeconds: 1000 });
});
afterAll(() => server.close());
beforeEach(() => {
  notes.length = 0;
  flushes = 0;
  gitHub.requests = 0;
  gitHub.status = 200;
});

const gitHubKeys = () => new GitHubKeys({ url, now: () => clock.now });
const REMAINING_MS = 12_345;
const handler = (settings: Partial<SecretScanningSettings> = {}, keys: Pick<KeyStore, 'get' | 'revoke'> = store) => {
  const handle = createAlertHandler(
    { ...DEFAULT_MANAGEMENT_SETTINGS, ...DEFAULT_SECRET_SCANNING_SETTINGS, label: LABEL, ...settings },
    {
      keys,
      gitHubKeys: gitHubKeys(),
      flushCaches: (remainingMs) => {
        expect(remainingMs).toBe(REMAINING_MS);
        return Promise.resolve(flushes++);
      },
      note: (leak) => notes.push(leak),
      now: () => clock.now,
    },
  );
  return (event: AlertEvent) => handle(event, { getRemainingTimeInMillis: () => REMAINING_MS });
};

/** Returns the API Gateway event for a signed request of GitHub. */
function signed(alerts: unknown, change: Partial<AlertEvent> = {}): AlertEvent {
  const body = typeof alerts === 'string' ? alerts : JSON.stringify(alerts);
  return {
    headers: {
      'GITHUB-PUBLIC-KEY-IDENTIFIER': 'ours',
      'Github-Public-Key-Signature': sign('sha256', Buffer.from(body), ours.privateKey).toString('base64'),
    },
    body,
    ...change,
  };
}

async function issued(fields: Partial<StoredKey> = {}): Promise<{ token: string; prefix: string }> {
  const key = newKey({ label: LABEL, randomBytes });
  await store.create(aRecord({ prefix: key.prefix, digest: digestOf(key.text), ownerId: 'acme', ...fields }));
  return { token: key.text, prefix: key.prefix };
}

/** The key with another last character, so that its checksum is wrong. */
const withTypo = (token: string) => token.slice(0, -1) + (token.endsWith('x') ? 'y' : 'x');

/** Returns the hash by which a response to GitHub identifies a token. */
const hashOf = (token: string) => createHash('sha256').update(token).digest('hex');
const stored = (prefix: string) => store.get(prefix, { consistent: true });

describe('the signature of an alert', () => {
  const check = (change: Partial<typeof GITHUB> = {}) => {
    const { body, key, signature } = { ...GITHUB, ...change };
    return isSigned(Buffer.from(body), key, signature);
  };

  it('the signature of an alert is valid for GitHub’s own example, and invalid if a byte differs', () => {
    expect(check()).toBe(true);
    expect(check({ body: `${GITHUB.body}\n` })).toBe(false);
    expect(check({ body: GITHUB.body.replace('some_url', 'some_urI') })).toBe(false);
    expect(check({ key: OUR_KEY.key })).toBe(false);
    expect(check({ signature: GITHUB.signature.replace('M', 'N') })).toBe(false);
  });

  it('the signature of an alert is invalid if the signature or the key is malformed', () => {
    for (const signature of ['', 'x', '%%%', 'AAAA']) expect(check({ signature })).toBe(false);
    expect(check({ key: 'not a key' })).toBe(false);
  });
});

describe('an alert', () => {
  it('revokes the key, logs it, and is a true positive', async () => {
    const { token, prefix } = await issued();
    const answer = await handler()(signed([{ token, type: 'lk', url: 'https://github.com/a/b', source: 'content' }]));
    expect(answer.statusCode).toBe(200);
    expect(JSON.parse(answer.body)).toEqual([{ token_hash: hashOf(token), token_type: 'lk', label: 'true_positive' }]);
    expect(await stored(prefix)).toMatchObject({
      revokedAt: clock.now,
      revokedReason: 'leaked: found by GitHub secret scanning',
    });
    expect(notes).toEqual([
      { outcome: 'revoked', keyId: prefix, ownerId: 'acme', url: 'https://github.com/a/b', source: 'content' },
    ]);
  });

  it('flushes the authorizer caches once for all revoked keys, and again if the alert is repeated', async () => {
    const [one, other] = [await issued(), await issued()];
    const alert = signed([one, other].map(({ token }) => ({ token, type: 'lk' })));
    await handler()(alert);
    expect(flushes).toBe(1);
    // The first delivery may have failed before the flush.
    await handler()(alert);
    expect(flushes).toBe(2);
    await handler()(signed([{ token: newKey({ label: LABEL, randomBytes }).text, type: 'lk' }]));
    await handler({ leakedKeys: 'report' })(signed([{ token: (await issued()).token, type: 'lk' }]));
    expect(flushes).toBe(2);
  });

  it('only reports the key if leakedKeys is "report"', async () => {
    const { token, prefix } = await issued();
    const answer = await handler({ leakedKeys: 'report' })(signed([{ token, type: 'lk' }]));
    expect(answer.body).toContain('true_positive');
    expect((await stored(prefix))?.revokedAt).toBeUndefined();
    expect(notes).toMatchObject([{ outcome: 'reported', keyId: prefix }]);
  });

  it('revokes a key before its start time', async () => {
    const { token, prefix } = await issued({ notBefore: clock.now + 1 });
    const answer = await handler()(signed([{ token, type: 'lk' }]));
    expect(answer.body).toContain('true_positive');
    expect((await stored(prefix))?.revokedAt).toBe(clock.now);
  });

  it('gives a label for each token: true for inactive keys, and false for unknown keys, typos and guesses', async () => {
    const [live, revoked, expired] = [await issued(), await issued({ revokedAt: 1 }), await issued({ expiresAt: 1 })];
    const unknown = newKey({ label: LABEL, randomBytes }).text;
    const guess = newKey({ label: LABEL, randomBytes, prefix: live.prefix }).text;
    const tokens = [guess, revoked.token, expired.token, unknown, withTypo(live.token), 'ghp_something', live.token];
    const answer = await handler()(signed(tokens.map((token) => ({ token, type: 'lk' }))));
    const labels = (JSON.parse(answer.body) as Feedback[]).map(({ label }) => label.split('_')[0]);
    expect(labels).toEqual(['false', 'true', 'true', 'false', 'false', 'false', 'true']);
    // This includes the key with a typo, which contains most of the secret.
    for (const token of tokens) expect(answer.body).not.toContain(token);
    expect((await stored(revoked.prefix))?.revokedAt).toBe(1);
    expect(await stored(live.prefix)).toMatchObject({ revokedAt: clock.now });
  });

  it.each<[string, (token: string) => string]>([
    ['letters before the key', (token) => `n${token}`],
    ['a name before the key', (token) => `APIKEY_${token}`],
    ['letters after the key', (token) => `${token}x`],
    ['text on both sides of the key', (token) => `%3D${token}_old`],
  ])('revokes a key whose token has %s', async (_what, reported) => {
    const { token, prefix } = await issued();
    const answer = await handler()(signed([{ token: reported(token), type: 'lk' }]));
    expect(JSON.parse(answer.body)).toEqual([
      { token_hash: hashOf(reported(token)), token_type: 'lk', label: 'true_positive' },
    ]);
    expect((await stored(prefix))?.revokedAt).toBe(clock.now);
  });

  it('changes nothing when it is delivered a second time', async () => {
    const { token, prefix } = await issued();
    const handle = handler();
    await handle(signed([{ token, type: 'lk' }]));
    const first = await stored(prefix);
    const again = await handle(signed([{ token, type: 'lk' }]));
    expect(again.body).toContain('true_positive');
    expect(await stored(prefix)).toEqual(first);
  });

  it('logs no token, even if the URL contains it', async () => {
    const { token } = await issued();
    await handler()(signed([{ token, type: 'lk', url: `https://example.com/?key=${token}` }]));
    expect(JSON.stringify(notes)).not.toContain(token.slice(-49));
  });

  it('logs no other key that the URL contains', async () => {
    const [{ token }, other] = [await issued(), await issued()];
    await handler()(signed([{ token, type: 'lk', url: `https://github.com/a/b/${other.token}.txt` }]));
    expect(notes).toMatchObject([{ outcome: 'revoked' }]);
    expect(JSON.stringify(notes)).not.toContain(other.token.slice(-49));
  });

  it('an alert is accepted in base64, and with the lower-case header names of HTTP APIs', async () => {
    const { token } = await issued();
    const event = signed([{ token, type: 'lk' }]);
    const headers = Object.fromEntries(Object.entries(event.headers ?? {}).map(([n, v]) => [n.toLowerCase(), v]));
    const body = Buffer.from(event.body ?? '').toString('base64');
    expect((await handler()({ headers, body, isBase64Encoded: true })).statusCode).toBe(200);
  });

  it('an alert is accepted in the form of GitHub’s own example', async () => {
    const headers = { 'Github-Public-Key-Identifier': GITHUB.id, 'Github-Public-Key-Signature': GITHUB.signature };
    const answer = await handler()({ headers, body: GITHUB.body });
    expect(JSON.parse(answer.body)).toEqual([
      { token_hash: hashOf('some_token'), token_type: 'some_type', label: 'false_positive' },
    ]);
  });
});

describe('a request that GitHub did not send', () => {
  it('a request that GitHub did not send is rejected with 401 if its signature is missing, for another body, or by another or unknown key', async () => {
    const { token, prefix } = await issued();
    const good = signed([{ token, type: 'lk' }]);
    const events: AlertEvent[] = [
      {},
      { ...good, headers: null },
      { ...good, headers: { 'Github-Public-Key-Identifier': 'ours' } },
      { ...good, headers: { ...good.headers, 'GITHUB-PUBLIC-KEY-IDENTIFIER': GITHUB.id } },
      { ...good, headers: { ...good.headers, 'GITHUB-PUBLIC-KEY-IDENTIFIER': 'made up' } },
      { ...good, body: `${good.body ?? ''} ` },
    ];
    for (const event of events) {
      const answer = await handler()(event);
      expect(answer.statusCode).toBe(401);
      expect(answer.body).not.toContain(token);
    }
    expect((await stored(prefix))?.revokedAt).toBeUndefined();
    expect(notes).toEqual(events.map(() => ({ outcome: 'unsigned' })));
  });

  it('a request that GitHub did not send is rejected with 400 if its signed body is not a JSON array', async () => {
    for (const body of ['', '{}', 'x', 'null', '"[]"'])
      expect((await handler()(signed(body))).statusCode, body).toBe(400);
  });
});

describe('an unusual alert in a batch', () => {
  it.each<[string, (token: string) => object]>([
    ['a URL over 2,048 characters', (token) => ({ token, type: 'lk', url: `https://x.example/${'x'.repeat(2048)}` })],
    ['a source over 64 characters', (token) => ({ token, type: 'lk', source: 'x'.repeat(65) })],
    ['a URL that is not a string', (token) => ({ token, type: 'lk', url: 7, source: null })],
    ['no type', (token) => ({ token })],
    ['a type over 256 characters', (token) => ({ token, type: 'x'.repeat(257) })],
    ['unknown fields', (token) => ({ token, type: 'lk', more: { nested: [1] } })],
  ])('an unusual alert still revokes its key if it has %s', async (_what, alertOf) => {
    const { token, prefix } = await issued();
    const answer = await handler()(signed([alertOf(token)]));
    expect(JSON.parse(answer.body)).toMatchObject([{ token_hash: hashOf(token), label: 'true_positive' }]);
    expect(await stored(prefix)).toMatchObject({ revokedAt: clock.now });
    expect(flushes).toBe(1);
  });

  it.each([1, null, 'text', [], {}, { token: 7, type: 'lk' }, { type: 'lk' }])(
    'an unusual alert does not prevent the revocation of the others if it has no token (%j)',
    async (odd) => {
      const { token, prefix } = await issued();
      const answer = await handler()(signed([odd, { token, type: 'lk' }]));
      expect(answer.statusCode).toBe(200);
      expect(JSON.parse(answer.body)).toHaveLength(1);
      expect(await stored(prefix)).toMatchObject({ revokedAt: clock.now });
      expect(notes).toMatchObject([{ outcome: 'unreadable' }, { outcome: 'revoked' }]);
    },
  );

  it.each(['', 'x'.repeat(1025), 'x'.repeat(100_000)])(
    'an unusual alert is a false positive if its token cannot be a key, and the others are revoked',
    async (odd) => {
      const { token, prefix } = await issued();
      const answer = await handler()(signed([odd, token].map((one) => ({ token: one, type: 'lk' }))));
      const labels = (JSON.parse(answer.body) as Feedback[]).map(({ label }) => label);
      expect(labels).toEqual(['false_positive', 'true_positive']);
      expect(await stored(prefix)).toMatchObject({ revokedAt: clock.now });
    },
  );

  it('an unusual alert does not prevent revocations and flushes for the others if it fails, and makes GitHub retry', async () => {
    const [failing, other] = [await issued(), await issued()];
    const keys: Pick<KeyStore, 'get' | 'revoke'> = {
      get: (prefix, options) =>
        prefix === failing.prefix ? Promise.reject(new Error('outage')) : store.get(prefix, options),
      revoke: (...parameters) => store.revoke(...parameters),
    };
    const alerts = signed([failing, other].map(({ token }) => ({ token, type: 'lk' })));
    await expect(handler({}, keys)(alerts)).rejects.toThrow('1 of 2 alerts failed');
    expect(await stored(other.prefix)).toMatchObject({ revokedAt: clock.now });
    expect(flushes).toBe(1);
    expect(notes).toMatchObject([{ outcome: 'failed', error: 'Error: outage' }, { outcome: 'revoked' }]);
  });
});

describe("GitHub's public keys", () => {
  const HOUR_MS = 3_600_000;

  it("GitHub's public keys are fetched once an hour", async () => {
    const keys = gitHubKeys();
    for (const id of ['ours', 'ours', GITHUB.id]) expect(await keys.find(id)).toBeDefined();
    expect(gitHub.requests).toBe(1);
    clock.now += HOUR_MS;
    await keys.find('ours');
    expect(gitHub.requests).toBe(2);
  });

  it("GitHub's public keys are fetched at most every five minutes, even if unauthenticated callers send many key IDs", async () => {
    const keys = gitHubKeys();
    for (let call = 0; call < 50; call++) expect(await keys.find(`made-up-${String(call)}`)).toBeUndefined();
    expect(gitHub.requests).toBe(1);
    clock.now += 299_999;
    await keys.find('made up');
    expect(gitHub.requests).toBe(1);
    clock.now += 1;
    await keys.find('made up');
    expect(gitHub.requests).toBe(2);
  });

  it("GitHub's public keys are fetched once for calls at the same time", async () => {
    const keys = gitHubKeys();
    await Promise.all(['ours', GITHUB.id, 'made up'].map((id) => keys.find(id)));
    expect(gitHub.requests).toBe(1);
  });

  it("GitHub's public keys are used for a day while GitHub does not respond, with ever fewer attempts to fetch them", async () => {
    const keys = gitHubKeys();
    await keys.find('ours');
    const fetchedAt = clock.now;
    gitHub.status = 503;
    while (clock.now < fetchedAt + 24 * HOUR_MS - 60_000) {
      clock.now += 60_000;
      expect(await keys.find('ours')).toBeDefined();
    }
    // An attempt every 15 minutes after a few earlier ones, instead of one for each of the 1,439 calls.
    expect(gitHub.requests).toBeLessThan(110);
    clock.now += 60_000;
    await expect(keys.find('ours')).rejects.toThrow("GitHub's public keys could not be fetched");
    gitHub.status = 200;
    clock.now += 900_000;
    expect(await keys.find('ours')).toBeDefined();
  });

  it("GitHub's public keys cause one fetch for 50 requests with made-up key ids while GitHub does not respond", async () => {
    gitHub.status = 503;
    const keys = gitHubKeys();
    for (let call = 0; call < 50; call++)
      await expect(keys.find(`made-up-${String(call)}`)).rejects.toThrow("GitHub's public keys could not be fetched");
    expect(gitHub.requests).toBe(1);
  });

  it("GitHub's public keys are fetched again after the clock has been set back", async () => {
    const keys = gitHubKeys();
    await keys.find('ours');
    clock.now -= 1000;
    expect(await keys.find('ours')).toBeDefined();
    expect(gitHub.requests).toBe(2);
  });

  it("GitHub's public keys fail the request if they cannot be fetched, so that GitHub retries its alerts", async () => {
    gitHub.status = 503;
    const { token } = await issued();
    await expect(handler()(signed([{ token, type: 'lk' }]))).rejects.toThrow(
      "GitHub's public keys could not be fetched",
    );
  });
});
