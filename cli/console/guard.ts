import type { Context, MiddlewareHandler } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { contentSecurityPolicy, PERMISSIONS_POLICY } from '../../console/hosting/headers.ts';

/** Returns an error of the console's server, in the same form as the errors of the admin API. */
export function errorResponse(context: Context, status: ContentfulStatusCode, code: string, message: string): Response {
  return context.json({ error: { code, message } }, status);
}

/**
 * Rejects requests that don't come from the console's own pages.
 *
 * - `Host` must be the address of the console. With DNS rebinding, it is another name that resolves to this machine.
 * - `Origin` must be the console's own, and writes must have it. Browsers send it with every write and with every cross-origin
 *   request, so a form on another page is rejected.
 * - `Sec-Fetch-Site` must be `same-origin`, or `none` if the user opened the link. It covers requests without `Origin`.
 */
export function ownPagesOnly(origin: () => string): MiddlewareHandler {
  return async (context, next) => {
    const own = new URL(origin());
    const { method } = context.req;
    const header = (name: string) => context.req.header(name);
    if (header('host') !== own.host)
      return errorResponse(context, 421, 'wrong_host', `Open the console at ${own.origin}.`);
    const from = header('origin');
    const reads = method === 'GET' || method === 'HEAD';
    if (from === undefined ? !reads : from !== own.origin)
      return errorResponse(context, 403, 'wrong_origin', 'Only the pages of this console can send this request.');
    const site = header('sec-fetch-site');
    const isApi = context.req.path.startsWith('/api/');
    // Another page can link here, but it can't load anything or call the API.
    if (
      site !== undefined &&
      site !== 'same-origin' &&
      site !== 'none' &&
      (isApi || header('sec-fetch-mode') !== 'navigate')
    )
      return errorResponse(context, 403, 'wrong_origin', 'Only the pages of this console can send this request.');
    await next();
    return undefined;
  };
}

/** Adds the security headers to every response. */
export const withSecurityHeaders: MiddlewareHandler = async (context, next) => {
  await next();
  const headers: Readonly<Record<string, string>> = {
    'Content-Security-Policy': contentSecurityPolicy(),
    'Permissions-Policy': PERMISSIONS_POLICY,
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Cache-Control': 'no-store',
  };
  for (const [name, value] of Object.entries(headers)) context.header(name, value);
};
