import { getCookie, setCookie } from 'hono/cookie';
import { Hono, type Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { serveStatic } from '@hono/node-server/serve-static';
import * as z from 'zod';
import type { ConsoleSettings } from '../../console/hosting/settings.ts';
import { InvalidInputError, REFUSAL_STATUSES, refusalOf } from '../../src/management/errors.ts';
import { inputOf } from '../../src/management/proxy-event.ts';
import { ADMIN_ROUTES } from '../../src/management/operations.ts';
import type { Deployment } from '../deployment/deployment.ts';
import { CommandError, type Problem } from '../errors.ts';
import { noteBug } from '../output/screen.ts';
import { errorResponse, ownPagesOnly, withSecurityHeaders } from './guard.ts';
import type { ConsoleSession } from './session.ts';

export interface ConsoleAppOptions {
  readonly deployment: Deployment;
  readonly settings: ConsoleSettings;
  readonly session: ConsoleSession;
  /** The folder of the built pages. */
  readonly files: string;
  /** The console's own origin, known when the server listens. */
  readonly origin: () => string;
}

/** The fields of a key are a few kilobytes. */
const MAX_BODY_BYTES = 64 * 1024;

const linkSchema = z.strictObject({ token: z.string() });

/** Serves the console's pages, and under `/api` the routes of the admin API, which invoke the functions. */
export function consoleApp({ deployment, settings, session, files, origin }: ConsoleAppOptions): Hono {
  const app = new Hono();
  app.use(withSecurityHeaders, ownPagesOnly(origin));
  app.use(
    '/api/*',
    bodyLimit({
      maxSize: MAX_BODY_BYTES,
      onError: (context: Context) =>
        errorResponse(context, 413, 'invalid_input', 'The request body is too large. Send at most 64 KB.'),
    }),
  );

  // Cookies are shared between ports. With the port in the name, two consoles don't overwrite each other's cookie.
  const cookie = () => `latchkey-console-${new URL(origin()).port}`;
  app.post('/api/session', async (context) => {
    const body = linkSchema.safeParse(await context.req.json().catch(() => undefined));
    const opened = body.success ? session.open(body.data.token) : undefined;
    if (opened === undefined)
      return errorResponse(
        context,
        401,
        'signed_out',
        'This link was used already, or is not valid. Press Enter in the terminal for another link.',
      );
    setCookie(context, cookie(), opened, { httpOnly: true, sameSite: 'Strict', path: '/api' });
    return context.json({});
  });
  app.use('/api/*', async (context: Context, next) => {
    if (!session.has(getCookie(context, cookie())))
      return errorResponse(context, 401, 'signed_out', 'This browser has no session. Open a link from the terminal.');
    await next();
    return undefined;
  });

  app.get('/api/settings', (context) => context.json(settings));
  for (const { method, path, operation } of ADMIN_ROUTES)
    app.on(method, `/api${path.replaceAll(/\{(\w+)\}/g, ':$1')}`, async (context) => {
      return context.json(await deployment.call<object>(operation, await inputOfRequest(context)));
    });
  app.all('/api/*', (context) => errorResponse(context, 404, 'not_found', 'This route does not exist.'));
  app.use('*', serveStatic({ root: files }));

  app.onError((error, context) => {
    if (error instanceof CommandError) return context.json({ error: error.problem }, statusOf(error.problem));
    if (error instanceof InvalidInputError) return context.json(refusalOf(error), 400);
    // A bug: print it in the terminal, and not on the page.
    noteBug(error);
    return errorResponse(context, 500, 'internal_error', 'The console failed. The terminal shows the error.');
  });
  return app;
}

/** Parses a request with the function that parses the events of the admin API. */
async function inputOfRequest({ req }: Context): Promise<object> {
  return inputOf({
    requestContext: { httpMethod: req.method },
    pathParameters: req.param(),
    queryStringParameters: req.query(),
    body: req.method === 'GET' ? null : await req.text(),
  });
}

/** The HTTP status of each error code. */
const STATUSES: Readonly<Record<string, ContentfulStatusCode>> = { ...REFUSAL_STATUSES, access_denied: 403 };

/** Returns the HTTP status of an error: that of the admin API, or 502 if the deployment could not be reached. */
function statusOf({ code }: Problem): ContentfulStatusCode {
  return STATUSES[code] ?? 502;
}
