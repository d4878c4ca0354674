import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rawRequest } from '../raw-request.ts';
import { runningLocal, type RunningLocal } from '../../../support/local/running.ts';
import { sign, signedRequest, type SigningOptions } from './signed.ts';

let local: RunningLocal;
beforeAll(async () => {
  local = await runningLocal();
});
afterAll(() => local.stop());

const send = (method: string, path: string, input?: object, options?: SigningOptions) =>
  signedRequest(local.adminUrl, method, path, input, options);

describe('every route of the admin API', () => {
  it('creates, shows, changes, rotates and revokes a key', async () => {
    const created = await send('POST', '/keys', { name: 'Ada', ownerId: 'org-1' });
    expect(created.status).toBe(201);
    const { key, record } = created.body as { key: string; record: { prefix: string } };
    const path = `/keys/${record.prefix}`;

    expect(await send('GET', path)).toMatchObject({ status: 200, body: { name: 'Ada', status: 'active' } });
    expect(await send('GET', '/keys?name=a&limit=5')).toMatchObject({
      status: 200,
      body: { records: [{ prefix: record.prefix }] },
    });
    expect(await send('PATCH', path, { name: 'Ada L.' })).toMatchObject({ status: 200, body: { name: 'Ada L.' } });
    expect(await send('POST', '/verify', { key })).toMatchObject({ status: 200, body: { valid: true } });

    const rotated = await send('POST', `${path}/rotate`, { overlap: '1h' });
    const successor = rotated.body as { key: string; record: { prefix: string; rotatedFrom: string } };
    expect(successor.record.rotatedFrom).toBe(record.prefix);
    expect(await send('POST', `/keys/${successor.record.prefix}/revoke`, { reason: 'done' })).toMatchObject({
      status: 200,
      body: { status: 'revoked', revokedReason: 'done' },
    });
    expect(await send('POST', '/verify', { key: successor.key })).toMatchObject({
      status: 200,
      body: { valid: false, reason: 'revoked' },
    });
  });

  it('returns the HTTP status of each error', async () => {
    expect(await send('GET', '/keys/AAAAAAAAAAAA')).toMatchObject({
      status: 404,
      body: { error: { code: 'not_found' } },
    });
    expect(await send('POST', '/keys', { nom: 'x' })).toMatchObject({ status: 400 });
  });

  it('logs the caller for the audit', async () => {
    await send('GET', '/keys/BBBBBBBBBBBB');
    await expect.poll(() => local.lines.join('\n')).toContain('"caller":"arn:aws:iam::000000000000:user/local"');
  });
});

describe('the OpenAPI document', () => {
  it('is served without a signature and to every origin, with the URL of the server', async () => {
    const { status, headers, body } = await rawRequest(local.adminUrl, '/openapi.json', {
      headers: { origin: 'https://editor.example' },
    });
    expect(status).toBe(200);
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'access-control-allow-origin': '*' });
    expect(JSON.parse(body)).toMatchObject({ openapi: '3.1.1', servers: [{ url: local.adminUrl }] });
  });

  it('describes the answers of every route', async () => {
    const { prefix } = await local.key();
    const owner = `/owners/${prefix}`;
    const answers = [
      await send('GET', '/settings'),
      await send('GET', `/keys/${prefix}/usage`),
      await send('POST', `/keys/${prefix}/disable`, { reason: 'unpaid' }),
      await send('POST', `/keys/${prefix}/rotate`, {}),
      await send('POST', `/keys/${prefix}/enable`),
      await send('GET', owner),
      await send('POST', `${owner}/suspend`, {}),
      await send('POST', `${owner}/resume`),
      await send('POST', `/keys/${prefix}/revoke`, { flush: false }),
      await send('PATCH', `/keys/${prefix}`, { name: 'too late' }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 409, 200, 409, 409, 409, 200, 409]);
  });
});

describe('IAM authorization', () => {
  const list = (options: SigningOptions) => send('GET', '/keys', undefined, options);
  const minutesFromNow = (minutes: number) => new Date(Date.now() + minutes * 60_000);

  it('rejects an unsigned request and an unknown route with the same message', async () => {
    const body = JSON.stringify({ message: 'Missing Authentication Token' });
    expect(await rawRequest(local.adminUrl, '/keys')).toMatchObject({ status: 403, body });
    const headers = await sign(local.adminUrl, 'GET', '/nowhere');
    expect(await rawRequest(local.adminUrl, '/nowhere', { headers })).toMatchObject({ status: 403, body });
    expect((await send('DELETE', '/keys')).status).toBe(403);
  });

  it('accepts a signature with or without the hash of the body as a header', async () => {
    for (const applyChecksum of [true, false])
      expect((await send('POST', '/keys', { name: 'x' }, { applyChecksum })).status).toBe(201);
  });

  it.each([
    ['another secret', { secretAccessKey: 'guess' }, /does not match/],
    ['another key id', { accessKeyId: 'AKIAIOSFODNN7EXAMPLE' }, /security token/],
    ['another Region', { region: 'eu-west-1' }, /scoped/],
    ['another service', { service: 'dynamodb' }, /scoped/],
    ['a date six minutes ago', { date: minutesFromNow(-6) }, /expired/],
    ['a date in six minutes', { date: minutesFromNow(6) }, /expired/],
  ] as const)('rejects %s', async (_, options, message) => {
    const { status, body } = await list(options);
    expect(status).toBe(403);
    expect(body['message']).toMatch(message);
  });

  it('accepts a date four minutes ago', async () => {
    expect((await list({ date: minutesFromNow(-4) })).status).toBe(200);
  });

  it.each([true, false])(
    'rejects a body, path or query that differs from the signed one (hash header: %s)',
    async (applyChecksum) => {
      const body = JSON.stringify({ name: 'signed' });
      const headers = await sign(local.adminUrl, 'POST', '/keys', body, { applyChecksum });
      const attempt = async (method: string, path: string, sent: string) =>
        (await rawRequest(local.adminUrl, path, { method, headers, body: sent })).status;
      expect(await attempt('POST', '/keys', JSON.stringify({ name: 'forged' }))).toBe(403);
      expect(await attempt('POST', '/verify', body)).toBe(403);
      expect(await attempt('POST', '/keys?x=1', body)).toBe(403);
      expect(await attempt('POST', '/keys', body)).toBe(201);
    },
  );

  it('rejects a method that differs from the signed one', async () => {
    const headers = await sign(local.adminUrl, 'GET', '/keys');
    expect((await rawRequest(local.adminUrl, '/keys', { method: 'POST', headers })).status).toBe(403);
    expect((await rawRequest(local.adminUrl, '/keys', { method: 'GET', headers })).status).toBe(200);
  });

  it('rejects a signed header that is changed or missing', async () => {
    const body = JSON.stringify({ name: 'signed' });
    const headers = await sign(local.adminUrl, 'POST', '/keys', body);
    const { 'content-type': _type, ...without } = headers;
    for (const altered of [{ ...headers, 'content-type': 'text/plain' }, without])
      expect((await rawRequest(local.adminUrl, '/keys', { method: 'POST', headers: altered, body })).status).toBe(403);
  });

  it('rejects a wrong hash of the body', async () => {
    const headers = await sign(local.adminUrl, 'POST', '/keys', JSON.stringify({ name: 'signed' }));
    const forged = { ...headers, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };
    const body = JSON.stringify({ name: 'signed' });
    expect((await rawRequest(local.adminUrl, '/keys', { method: 'POST', headers: forged, body })).status).toBe(403);
  });

  it.each(['Bearer x', 'AWS4-HMAC-SHA256 Credential=local', ''])(
    'rejects the Authorization header "%s"',
    async (authorization) => {
      expect((await rawRequest(local.adminUrl, '/keys', { headers: { authorization } })).status).toBe(403);
    },
  );

  it('rejects a signature that does not include the host', async () => {
    const headers = await sign(local.adminUrl, 'GET', '/keys');
    const authorization = headers['authorization']?.replace('host;', '') ?? '';
    expect((await rawRequest(local.adminUrl, '/keys', { headers: { ...headers, authorization } })).status).toBe(403);
  });
});
