import { getCookie, setCookie } from 'hono/cookie';
import { Hono, type Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { serveStatic } from '@hono/node-server/serve-static';
import { z } from 'zod';
import type { ConsoleSettings } from '../../console/hosting/settings.ts';
import { InvalidInputError, refusalOf } from '../../src/management/errors.ts';
import { inputOf } from '../../src/management/proxy-event.ts';
import { ADMIN_ROUTES } from '../../src/management/operations.ts';
import type { Deployment } from '../deployment/deployment.ts';
import { CommandError } from '../errors.ts';
import { noteBug } from '../output/screen.ts';
import { refused, statusOf } from './answers.ts';
import { onlyOwnPages, withSecurityHeaders } from './guard.ts';
import type { ConsoleSession } from './session.ts';

export interface ConsoleAppOptions {
  readonly deployment: Deployment;
  readonly settings: ConsoleSettings;
  readonly session: ConsoleSession;
  /** The folder of the built pages. */
  readonly files: string;
  /** Where it listens, known once it does. */
  readonly origin: () => string;
}

/** As API Gateway's; a key's fields come to a few kilobytes. */
const MAX_BODY_BYTES = 64 * 1024;

const linkSchema = z.strictObject({ token: z.string() });

/** The console's pages, and behind `/api` the admin API's routes, each answered by its function. */
export function consoleApp({ deployment, settings, session, files, origin }: ConsoleAppOptions): Hono {
  const app = new Hono();
  app.use(withSecurityHeaders, onlyOwnPages(origin));
  app.use(
    '/api/*',
    bodyLimit({
      maxSize: MAX_BODY_BYTES,
      onError: (context: Context) => refused(context, 413, 'invalid_input', 'The request is too long.'),
    }),
  );

  // Cookies know no ports: with the port in its name, two consoles keep out of each other's way.
  const cookie = () => `latchkey-console-${new URL(origin()).port}`;
  app.post('/api/session', async (context) => {
    const body = linkSchema.safeParse(await context.req.json().catch(() => undefined));
    const opened = body.success ? session.open(body.data.token) : undefined;
    if (opened === undefined)
      return refused(context, 401, 'signed_out', 'This link has been used, or is none of ours.');
    setCookie(context, cookie(), opened, { httpOnly: true, sameSite: 'Strict', path: '/api' });
    return context.json({});
  });
  app.use('/api/*', async (context: Context, next) => {
    if (!session.has(getCookie(context, cookie())))
      return refused(context, 401, 'signed_out', 'This browser has no session with this console.');
    await next();
    return undefined;
  });

  app.get('/api/settings', (context) => context.json(settings));
  for (const { method, path, operation } of ADMIN_ROUTES)
    app.on(method, `/api${path.replaceAll(/\{(\w+)\}/g, ':$1')}`, async (context) => {
      const answer = await deployment.call<object>(operation, await inputOfRequest(context));
      return context.json(answer);
    });
  app.all('/api/*', (context) => refused(context, 404, 'not_found', 'There is no such route.'));
  app.use('*', serveStatic({ root: files }));

  app.onError((error, context) => {
    if (error instanceof CommandError) return context.json({ error: error.problem }, statusOf(error.problem));
    if (error instanceof InvalidInputError) return context.json(refusalOf(error), 400);
    // A bug: the operator sees it in the terminal; the page does not.
    noteBug(error);
    return refused(context, 500, 'internal_error', 'The console failed; the terminal says why.');
  });
  return app;
}

/** Read by the very function that reads the admin API's events. */
async function inputOfRequest({ req }: Context): Promise<object> {
  return inputOf({
    requestContext: { httpMethod: req.method },
    pathParameters: req.param(),
    queryStringParameters: req.query(),
    body: req.method === 'GET' ? null : await req.text(),
  });
}
