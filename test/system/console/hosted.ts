import { createPublicKey, verify, type JsonWebKey } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { serveStatic } from '@hono/node-server/serve-static';
import { Hono } from 'hono';
import { OAuth2Server } from 'oauth2-mock-server';
import { contentSecurityPolicy } from '../../../console/hosting/headers.ts';
import type { ConsoleSettings } from '../../../console/hosting/settings.ts';
import { HTTP_ALIAS } from '../../../src/management/http-alias.ts';
import { CONSOLE_ROUTES } from '../../../src/management/operations.ts';
import { matchRoute } from '../../../local/gateway/route.ts';
import type { Local } from '../../../local/server.ts';

const CLIENT_ID = 'console';
const SCOPE = 'openid email latchkey/manage';

export interface Hosted {
  readonly origin: string;
  /** The access tokens of all requests. */
  readonly tokens: ReadonlySet<string>;
  stop(): Promise<void>;
}

/**
 * Runs what the construct `AdminConsole` deploys: the pages and their settings, an OpenID Connect provider that requires
 * PKCE, and an API that checks access tokens as API Gateway's JWT authorizer does and calls the functions with HTTP API
 * events.
 */
export async function hostedConsole(local: Local): Promise<Hosted> {
  const provider = new OAuth2Server();
  await provider.issuer.keys.generate('RS256');
  await provider.start(0, '127.0.0.1');
  const issuer = provider.issuer.url ?? '';
  provider.service.on('beforeTokenSigning', (token: { payload: Record<string, unknown> }) => {
    Object.assign(token.payload, { email: 'ada@example.com', scope: SCOPE });
  });
  const tokens = new Set<string>();
  const app = new Hono();
  app.use(async (context, next) => {
    await next();
    context.header('Content-Security-Policy', contentSecurityPolicy({ connect: [new URL(issuer).origin] }));
  });
  const settings: ConsoleSettings = {
    stackName: 'Hosted',
    region: 'eu-west-1',
    label: 'lk',
    plans: {},
    restrictions: [],
    readOnly: false,
    usage: true,
    ownerSuspension: false,
    signIn: {
      issuer,
      clientId: CLIENT_ID,
      scope: SCOPE,
      authorizationEndpoint: `${issuer}/authorize`,
      tokenEndpoint: `${issuer}/token`,
      logoutEndpoint: '/logout',
    },
  };
  app.get('/api/settings', (context) => context.json(settings));
  // Redirects like Cognito's sign-out endpoint.
  app.get('/logout', (context) => context.redirect(context.req.query('logout_uri') ?? '/'));
  app.all('/api/*', async (context) => {
    const { req } = context;
    const claims = await claimsOf(req.header('authorization') ?? '', issuer);
    if (claims === undefined) return context.json({ message: 'Unauthorized' }, 401);
    if (!String(claims['scope']).split(' ').includes('latchkey/manage'))
      return context.json({ message: 'Forbidden' }, 403);
    tokens.add((req.header('authorization') ?? '').replace(/^Bearer /, ''));
    const match = matchRoute(CONSOLE_ROUTES, req.method, req.path.replace(/^\/api/, ''));
    if (match === undefined) return context.json({ message: 'Not Found' }, 404);
    const event = {
      version: '2.0',
      requestContext: { http: { method: req.method }, authorizer: { jwt: { claims } } },
      pathParameters: match.parameters,
      queryStringParameters: req.query(),
      body: req.method === 'GET' ? undefined : await req.text(),
      isBase64Encoded: false,
    };
    const outcome = await local.function(match.route.functionName).invoke(JSON.stringify(event), HTTP_ALIAS);
    if (!outcome.ok) return context.json({ message: 'Internal Server Error' }, 500);
    const { statusCode, body } = JSON.parse(outcome.payload) as { statusCode: 200; body: string };
    return context.body(body, statusCode, { 'content-type': 'application/json' });
  });
  app.use('*', serveStatic({ root: 'dist/console' }));

  const listener = getRequestListener(app.fetch);
  const server = createServer((incoming, outgoing) => {
    void listener(incoming, outgoing);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    tokens,
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await provider.stop();
    },
  };
}

/** Returns the claims of a token, or `undefined` if its signature is wrong or it has expired. */
async function claimsOf(authorization: string, issuer: string): Promise<Record<string, unknown> | undefined> {
  const [header = '', payload = '', signature = ''] = authorization.replace(/^Bearer /, '').split('.');
  if (signature === '') return undefined;
  const { kid } = decoded(header);
  const { keys } = (await (await fetch(`${issuer}/jwks`)).json()) as { keys: (JsonWebKey & { kid?: string })[] };
  const key = keys.find((one) => one.kid === kid);
  if (key === undefined) return undefined;
  const signed = Buffer.from(`${header}.${payload}`);
  const publicKey = createPublicKey({ key, format: 'jwk' });
  if (!verify('RSA-SHA256', signed, publicKey, Buffer.from(signature, 'base64url'))) return undefined;
  const claims = decoded(payload);
  return claims['iss'] === issuer && Number(claims['exp']) > Date.now() / 1000 ? claims : undefined;
}

function decoded(part: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;
}
