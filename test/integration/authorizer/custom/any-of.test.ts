import { createHmac, generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, expectTypeOf, it, vi } from 'vitest';
import { apiKey } from '../../../../src/authorizer/custom/api-key.ts';
import { allOf, anyOf } from '../../../../src/authorizer/custom/combine.ts';
import { createAuthorizer, type AuthorizerContextOf } from '../../../../src/authorizer/custom/custom-authorizer.ts';
import { jwt } from '../../../../src/authorizer/custom/jwt.ts';
import { permission } from '../../../../src/authorizer/custom/custom-permission.ts';
import type { Permission } from '../../../../src/authorizer/custom/permission.ts';
import { deny } from '../../../../src/authorizer/custom/verdict.ts';
import type { KeySource } from '../../../../src/gateway/credential.ts';
import type { AuthorizerSettings } from '../../../../src/gateway/settings.ts';
import { readCaller } from '../../../../src/backend/read-caller.ts';
import { httpEvent, restEvent, webSocketEvent } from '../../../support/authorizer/events.ts';
import { startIssuer, type Issuer } from '../../../support/authorizer/custom/issuer.ts';
import { ask, setting, withKey } from './setting.ts';

const { log, last, authorizerOptions, issued } = setting();
let issuer: Issuer;
beforeAll(async () => {
  issuer = await startIssuer();
});
afterAll(() => {
  issuer.stop();
});
beforeEach(() => {
  log.length = 0;
  issuer.behave('well');
});
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

describe('a token', () => {
  const authorize = (verifier = issuer.verifier()) => createAuthorizer(jwt(verifier), authorizerOptions());

  it.each([
    ['REST', restEvent],
    ['HTTP', httpEvent],
    ['WebSocket', webSocketEvent],
  ] as const)('allows a valid token on a %s API, and passes its subject to the API', async (_kind, event) => {
    expect(await ask(authorize(), event(bearer(issuer.token())))).toEqual({
      status: 200,
      context: { subject: 'user-1', scopes: '', authorizedBy: 'jwt' },
    });
    expect(last()).toMatchObject({ result: 'allowed', authorizedBy: 'jwt' });
  });

  const hour = 3600;
  const now = () => Math.floor(Date.now() / 1000);
  const foreign = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  it.each<[string, () => string, string]>([
    ['has expired', () => issuer.token({ exp: now() - hour }), 'JwtExpiredError'],
    ['is not valid yet', () => issuer.token({ nbf: now() + hour }), 'JwtNotBeforeError'],
    ['has another issuer', () => issuer.token({ iss: 'https://evil.example' }), 'JwtInvalidIssuerError'],
    ['has another audience', () => issuer.token({ aud: 'another' }), 'JwtInvalidAudienceError'],
    ['is signed by another key', () => issuer.token({}, {}, foreign), 'JwtInvalidSignatureError'],
    ['names an unknown key', () => issuer.token({}, { kid: 'none' }), 'KidNotFoundInJwksError'],
    ['was modified', () => changed(issuer.token(), { sub: 'admin' }), 'JwtInvalidSignatureError'],
    ['has the algorithm none and no signature', () => unsigned(issuer.token(), 'none'), 'JwtParseError'],
    ['has the algorithm none', () => `${unsigned(issuer.token(), 'none')}AAAA`, 'JwtInvalidSignatureAlgorithmError'],
    ['is signed with the public key as a secret', () => confused(issuer.token()), 'JwtInvalidSignatureAlgorithmError'],
    ['is not a JWT', () => 'nothing.like-a-token.at-all', 'JwtParseError'],
    ['has an empty subject', () => issuer.token({ sub: '' }), 'no sub'],
  ])('returns 401 for a token that %s, and logs only the reason', async (_how, token, why) => {
    const text = token();
    expect((await ask(authorize(), restEvent(bearer(text)))).status).toBe(401);
    expect(last()).toMatchObject({ result: 'permission', detail: `jwt: ${why}` });
    expect(JSON.stringify(log)).not.toContain(text.split('.')[1]);
  });

  it("allows a token signed with the issuer's new key, and fetches the keys once for many tokens", async () => {
    const authorizer = authorize();
    const before = issuer.fetched();
    for (let i = 0; i < 3; i++) expect((await ask(authorizer, restEvent(bearer(issuer.token())))).status).toBe(200);
    expect(issuer.fetched()).toBe(before + 1);
    const old = issuer.token();
    issuer.rotate();
    expect((await ask(authorizer, restEvent(bearer(issuer.token())))).status).toBe(200);
    expect((await ask(authorizer, restEvent(bearer(old)))).status).toBe(401);
  });

  it('returns 401 for tokens with invented key ids, without an alarm, and still allows known keys', async () => {
    const authorizer = authorize(issuer.verifier(10));
    for (const kid of ['one', 'two', 'three']) {
      const { status } = await ask(authorizer, restEvent(bearer(issuer.token({}, { kid }))));
      expect({ status, ...last() }).toMatchObject({ status: 401, level: 'INFO', result: 'permission' });
    }
    expect((await ask(authorizer, restEvent(bearer(issuer.token())))).status).toBe(200);
  });

  it.each(['broken', 'garbage', 'silent'] as const)(
    'returns 500 and logs the reason while the issuer is %s',
    async (how) => {
      const authorizer = authorize();
      issuer.behave(how);
      expect((await ask(authorizer, restEvent(bearer(issuer.token())))).status).toBe(500);
      expect(last()).toMatchObject({
        level: 'ERROR',
        error: expect.stringContaining("the keys of the token's issuer are unavailable") as string,
      });
      issuer.behave('well');
      expect((await ask(authorizer, restEvent(bearer(issuer.token())))).status).toBe(200);
    },
  );

  it('derives typed scopes and context fields from the claims of a token', async () => {
    const authorizer = createAuthorizer(
      jwt(issuer.verifier(), {
        scopes: ({ scope }) => String(scope).split(' '),
        context: ({ tenant }) => ({ tenant: String(tenant) }),
      }),
      authorizerOptions(),
    );
    expectTypeOf<AuthorizerContextOf<typeof authorizer>>().toEqualTypeOf<{ tenant: string }>();
    const token = issuer.token({ scope: 'orders:read orders:write', tenant: 'acme' });
    const { status, context } = await ask(authorizer, restEvent(bearer(token)));
    expect(status).toBe(200);
    expect(readCaller<{ tenant: string }>({ requestContext: { authorizer: context } })).toEqual({
      authorizedBy: 'jwt',
      subject: 'user-1',
      scopes: ['orders:read', 'orders:write'],
      key: undefined,
      context: { tenant: 'acme' },
    });
  });

  describe('a token with a list of scopes', () => {
    const status = async (given: unknown, settings = {}) => {
      const scopes = (() => given) as () => readonly string[];
      const authorizer = createAuthorizer(jwt(issuer.verifier(), { scopes }), authorizerOptions(settings));
      return (await ask(authorizer, restEvent({ call: 'GET /orders/1', ...bearer(issuer.token()) }))).status;
    };

    it('allows the routes in the list of scopes', async () => {
      expect(await status(['GET /orders/*'])).toBe(200);
      expect(await status(['GET /users/*'])).toBe(403);
      expect(await status(['GET /users/*', 'orders:read'])).toBe(403);
    });

    it('allows no route if the list of scopes is empty', async () => {
      expect(await status([])).toBe(403);
      expect(last()).toMatchObject({ result: 'permission', detail: 'jwt: its scopes allow no route' });
    });

    it('treats a list of only named scopes like a key with only named scopes', async () => {
      expect(await status(['orders:read'])).toBe(200);
      expect(await status(['orders:read'], { unscopedKeys: 'nothing' })).toBe(403);
    });

    it.each([undefined, null, 'GET /*', 7])(
      'returns 500 and logs the reason if the list of scopes is %j',
      async (given) => {
        expect(await status(given)).toBe(500);
        expect(last()).toMatchObject({ error: expect.stringContaining('scopes must be an array') as string });
      },
    );
  });
});

describe('anyOf', () => {
  const either = (settings = {}) =>
    createAuthorizer(anyOf(apiKey(), jwt(issuer.verifier())), authorizerOptions(settings));

  it('allows a key or a token, and reports which one it was', async () => {
    const key = await issued();
    expect(await ask(either(), restEvent(withKey(key)))).toMatchObject({
      status: 200,
      context: { authorizedBy: 'apiKey', keyId: key.prefix },
    });
    expect(await ask(either(), restEvent(bearer(issuer.token())))).toMatchObject({
      status: 200,
      context: { authorizedBy: 'jwt', subject: 'user-1' },
    });
  });

  it('allows a valid token next to a rejected key', async () => {
    const revoked = await issued({ revokedAt: 1 });
    const both = restEvent(withKey(revoked, bearer(issuer.token()).headers));
    expect(await ask(either(), both)).toMatchObject({ status: 200, context: { authorizedBy: 'jwt' } });
  });

  it('allows a key if the scopes of the token allow no route', async () => {
    const order = createAuthorizer(anyOf(jwt(issuer.verifier(), { scopes: () => [] }), apiKey()), authorizerOptions());
    const both = withKey(await issued(), bearer(issuer.token()).headers);
    expect(await ask(order, restEvent(both))).toMatchObject({ status: 200, context: { authorizedBy: 'apiKey' } });
    expect((await ask(order, restEvent(bearer(issuer.token())))).status).toBe(403);
  });

  it("responds within the function's 5 seconds and logs the reason if several permissions hang", async () => {
    const hanging = (name: string) =>
      permission({ name, identitySources: [], timeoutMs: 3000, check: () => new Promise<never>(() => undefined) });
    vi.useFakeTimers();
    try {
      const asked = ask(createAuthorizer(anyOf(hanging('a'), hanging('b')), authorizerOptions()), restEvent({}));
      await vi.advanceTimersByTimeAsync(4900);
      expect(await Promise.race([asked, Promise.resolve('still waiting')])).toEqual({ status: 500 });
      expect(last()).toMatchObject({
        level: 'ERROR',
        error: expect.stringContaining('did not respond within') as string,
      });
    } finally {
      vi.useRealTimers();
    }
  });

  it('returns 401 if nothing is valid, and 403 for a revoked key', async () => {
    const statusOf = async (call: Parameters<typeof restEvent>[0]) => (await ask(either(), restEvent(call))).status;
    expect(await statusOf({})).toBe(401);
    expect(await statusOf(bearer(issuer.token({ exp: 1 })))).toBe(401);
    expect(await statusOf(withKey(await issued({ revokedAt: 1 })))).toBe(403);
    expect(await statusOf(withKey(await issued({ revokedAt: 1 }), bearer('x.y.z').headers))).toBe(403);
    expect(log.map(({ result }) => result)).toEqual(['missing', 'permission', 'revoked', 'revoked']);
  });

  it('tries the next permission after a failure, logs the failure, and returns 500 if no permission allows the request', async () => {
    issuer.behave('broken');
    const order = createAuthorizer(anyOf(jwt(issuer.verifier()), apiKey()), authorizerOptions());
    const key = await issued();
    expect((await ask(order, restEvent(withKey(key, bearer(issuer.token()).headers)))).status).toBe(200);
    expect(last()).toMatchObject({ result: 'allowed', detail: expect.stringContaining('are unavailable') as string });
    expect((await ask(order, restEvent(bearer(issuer.token())))).status).toBe(500);
  });

  it('allows caching only if all permissions read the same location', async () => {
    const one: KeySource = { header: 'Authorization', scheme: 'Api-Key' };
    const status = async (permission: Permission<object>, call: object) =>
      (
        await ask(
          createAuthorizer(
            permission as Permission,
            authorizerOptions({ cachedBy: ['method.request.header.Authorization'] }),
          ),
          restEvent(call),
        )
      ).status;
    const key = await issued();
    const together = () => anyOf(apiKey({ parse: [one] }), jwt(issuer.verifier()));
    expect(await status(together(), bearer(issuer.token()))).toBe(200);
    expect(await status(together(), { headers: { authorization: `Api-Key ${key.text}` } })).toBe(200);
    expect(await status(anyOf(apiKey(), jwt(issuer.verifier())), bearer(issuer.token()))).toBe(500);
    expect(last()).toMatchObject({
      error: expect.stringMatching(/apiKey\|jwt can allow requests without.*Set cacheTtl to 0/) as string,
    });
  });
});

describe('anyOf with one location', () => {
  const place: KeySource = { header: 'Authorization', scheme: 'Api-Key' };
  const asked = async (cachedBy: AuthorizerSettings['cachedBy'], headers: Record<string, string>) => {
    const either = anyOf(apiKey({ parse: [place] }), jwt(issuer.verifier()));
    const authorize = createAuthorizer(either, authorizerOptions({ cachedBy, restrictions: ['sourceIp'] }));
    return (await ask(authorize, restEvent({ headers }))).status;
  };
  const header = 'method.request.header.Authorization';

  it('allows the source IP, which every request has, in the cache key if keys have source IP restrictions', async () => {
    const cachedBy = [header, 'context.identity.sourceIp'] as const;
    expect(await asked(cachedBy, bearer(issuer.token()).headers)).toBe(200);
    expect(await asked(cachedBy, { authorization: `Api-Key ${(await issued()).text}` })).toBe(200);
  });

  it('does not start if source IP restrictions are enforced and the cache key lacks the source IP', async () => {
    expect(await asked([header], bearer(issuer.token()).headers)).toBe(500);
    expect(last()).toMatchObject({ error: expect.stringContaining('also reads context.identity.sourceIp') as string });
  });
});

describe('allOf', () => {
  const both = () =>
    createAuthorizer(
      allOf(
        apiKey({ context: () => ({ tenant: 'acme' }) }),
        jwt(issuer.verifier(), { scopes: () => ['GET /*', 'orders:read'], context: () => ({ mail: 'a@b.example' }) }),
      ),
      authorizerOptions(),
    );

  it('allows what both the key and the token allow', async () => {
    const authorize = both();
    expectTypeOf<AuthorizerContextOf<typeof authorize>>().toEqualTypeOf<{ tenant: string } & { mail: string }>();
    const key = await issued({ scopes: ['* /orders/*', 'orders:read', 'orders:write'] });
    const headers = withKey(key, bearer(issuer.token()).headers);
    expect(await ask(authorize, restEvent({ call: 'GET /orders/1', ...headers }))).toMatchObject({
      status: 200,
      context: {
        authorizedBy: 'apiKey+jwt',
        keyId: key.prefix,
        subject: 'user-1',
        tenant: 'acme',
        mail: 'a@b.example',
        scopes: 'GET /orders/*,orders:read',
      },
    });
    expect((await ask(authorize, restEvent({ call: 'POST /orders/1', ...headers }))).status).toBe(403);
  });

  it.each<[string, string, string[], 200 | 403, string]>([
    [
      'allow what both allow',
      'GET /*|orders:read',
      ['GET /orders/*', 'orders:read', 'orders:write'],
      200,
      'GET /orders/*,orders:read',
    ],
    [
      'have only names: the key keeps only those names',
      'orders:read',
      ['GET /orders/*', 'orders:read', 'orders:write'],
      200,
      'GET /orders/*,orders:read',
    ],
    ['have no names: the key keeps no names', 'GET /*', ['GET /orders/*', 'orders:read'], 200, 'GET /orders/*'],
    ['are empty: nothing is allowed', '', ['GET /orders/*', 'orders:read'], 403, ''],
  ])('combines a key with a token whose scopes %s', async (_what, scope, scopes, status, left) => {
    const authorize = createAuthorizer(
      allOf(
        apiKey(),
        jwt(issuer.verifier(), { scopes: (claims) => String(claims['scope']).split('|').filter(Boolean) }),
      ),
      authorizerOptions(),
    );
    const headers = withKey(await issued({ scopes }), bearer(issuer.token({ scope })).headers);
    const answer = await ask(authorize, restEvent({ call: 'GET /orders/1', ...headers }));
    expect(answer.status).toBe(status);
    if (status === 200) expect(answer.context).toMatchObject({ scopes: left });
  });

  it('keeps all scopes of the key if the scopes of the token are not read', async () => {
    const authorize = createAuthorizer(allOf(apiKey(), jwt(issuer.verifier())), authorizerOptions());
    const headers = withKey(await issued({ scopes: ['GET /orders/*', 'orders:read'] }), bearer(issuer.token()).headers);
    expect(await ask(authorize, restEvent({ call: 'GET /orders/1', ...headers }))).toMatchObject({
      status: 200,
      context: { scopes: 'GET /orders/*,orders:read' },
    });
  });

  it('rejects a request that has only a key or only a token', async () => {
    const key = await issued();
    expect((await ask(both(), restEvent(withKey(key)))).status).toBe(401);
    expect((await ask(both(), restEvent(bearer(issuer.token())))).status).toBe(401);
    expect((await ask(both(), restEvent(withKey(key, bearer(issuer.token({ exp: 1 })).headers)))).status).toBe(401);
    expect(
      (await ask(both(), restEvent(withKey(await issued({ revokedAt: 1 }), bearer(issuer.token()).headers)))).status,
    ).toBe(403);
  });

  it('takes the subject from the first of several permissions that have one', async () => {
    const device = permission({
      name: 'device',
      identitySources: ['method.request.header.X-Device'],
      check: (request) => ({ subject: request.header('x-device') ?? 'none', context: { model: 'm1' } }),
    });
    const headers = { ...bearer(issuer.token()).headers, 'X-Device': 'device-7' };
    const subject = async (...both: [Permission<object>, Permission<object>]) =>
      ask(createAuthorizer(allOf(...both) as Permission, authorizerOptions()), restEvent({ headers }));
    expect(await subject(jwt(issuer.verifier()), device)).toMatchObject({
      status: 200,
      context: { subject: 'user-1', authorizedBy: 'jwt+device', model: 'm1' },
    });
    expect(await subject(device, jwt(issuer.verifier()))).toMatchObject({
      status: 200,
      context: { subject: 'device-7', authorizedBy: 'device+jwt', model: 'm1' },
    });
  });

  it('returns 500 if two permissions contradict each other', async () => {
    const contradicting = createAuthorizer(
      allOf(
        apiKey({ context: () => ({ tenant: 'acme' }) }),
        jwt(issuer.verifier(), { context: () => ({ tenant: 'other' }) }),
      ),
      authorizerOptions(),
    );
    expect((await ask(contradicting, restEvent(withKey(await issued(), bearer(issuer.token()).headers)))).status).toBe(
      500,
    );
    expect(last()).toMatchObject({
      error: expect.stringContaining('set the context field "tenant" to different values') as string,
    });
  });
});

describe('a custom permission', () => {
  const partner = permission({
    name: 'partner',
    identitySources: ['method.request.header.X-Partner'],
    timeoutMs: 50,
    check: (request) => {
      const name = request.header('x-partner');
      if (name === 'throws') throw new Error('down');
      if (name === 'hangs') return new Promise<never>(() => undefined);
      if (name === 'reads') return request.header('x-other');
      if (name === undefined) return undefined;
      if (name === 'trial') return { subject: name, scopes: [] };
      if (name === 'unlisted') return { subject: name, scopes: new Map<string, string[]>().get(name) };
      return name === 'acme' ? { subject: name, scopes: ['GET /orders/*'], context: { tier: 'gold' } } : 'no partner';
    },
  });
  const status = async (name: string | undefined, call = 'GET /orders/1') =>
    ask(
      createAuthorizer(partner, authorizerOptions()),
      restEvent({ call, headers: name === undefined ? {} : { 'X-Partner': name } }),
    );

  it('allows a caller that the custom permission recognizes, within the scopes it returns', async () => {
    expect(await status('acme')).toEqual({
      status: 200,
      context: { authorizedBy: 'partner', subject: 'acme', tier: 'gold', scopes: 'GET /orders/*' },
    });
    expect((await status('acme', 'POST /orders/1')).status).toBe(403);
  });

  it.each([
    [undefined, 401, { result: 'missing' }],
    ['stranger', 403, { result: 'permission', detail: 'partner: no partner' }],
    ['trial', 403, { result: 'permission', detail: 'partner: its scopes allow no route' }],
    ['unlisted', 500, { error: expect.stringContaining('scopes must be an array') as string }],
    ['throws', 500, { error: expect.stringContaining('partner threw Error: down') as string }],
    ['hangs', 500, { error: expect.stringContaining('partner did not respond within 50 ms') as string }],
    ['reads', 500, { error: expect.stringContaining('x-other was read but is not declared') as string }],
  ])('denies every other caller of a custom permission: %s', async (name, expected, line) => {
    expect((await status(name)).status).toBe(expected);
    expect(last()).toMatchObject(line);
  });

  it('redacts request data in the error of a custom permission before it is logged', async () => {
    const basic = permission({
      name: 'basic',
      identitySources: ['method.request.header.Authorization', 'method.request.querystring.ticket'],
      check: (request) => {
        const password = request.header('authorization')?.slice('Basic '.length);
        throw new Error(`no user of ${String(password)} with ${String(request.query('ticket'))}, sorry`);
      },
    });
    const event = restEvent({ headers: { authorization: 'Basic dXNlcjpwYXNz' }, query: { ticket: 'ticket-4711' } });
    expect((await ask(createAuthorizer(basic, authorizerOptions()), event)).status).toBe(500);
    expect(last()).toMatchObject({
      error: expect.stringContaining('basic threw Error: no user of … with …, sorry') as string,
    });
  });

  it('a custom permission works in addition to keys, whose authorize hook still denies', async () => {
    const authorize = createAuthorizer(
      anyOf(apiKey({ authorize: () => deny('no keys today') }), partner),
      authorizerOptions(),
    );
    const key = await issued();
    expect((await ask(authorize, restEvent(withKey(key)))).status).toBe(403);
    expect((await ask(authorize, restEvent({ headers: { 'x-partner': 'acme' } }))).status).toBe(200);
  });
});

function changed(token: string, claims: object): string {
  const [header, payload = '', signature] = token.split('.');
  const old = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
  return [header, Buffer.from(JSON.stringify({ ...old, ...claims })).toString('base64url'), signature].join('.');
}

function unsigned(token: string, alg: string): string {
  const [header = '', payload] = token.split('.');
  const old = JSON.parse(Buffer.from(header, 'base64url').toString()) as object;
  return [Buffer.from(JSON.stringify({ ...old, alg })).toString('base64url'), payload, ''].join('.');
}

/** The attack of https://auth0.com/blog/critical-vulnerabilities-in-json-web-token-libraries with the public key as secret. */
function confused(token: string): string {
  const [header, payload] = unsigned(token, 'HS256').split('.');
  const signature = createHmac('sha256', issuer.ca)
    .update(`${String(header)}.${String(payload)}`)
    .digest('base64url');
  return [header, payload, signature].join('.');
}
