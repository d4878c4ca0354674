import type { MiddlewareHandler } from 'hono';
import { contentSecurityPolicy, PERMISSIONS_POLICY } from '../../console/hosting/headers.ts';
import { refused } from './answers.ts';

/**
 * Answers nobody but the console's own pages.
 *
 * - `Host` must be the very address that the console listens at: a name that somebody has made point to this machine
 *   (DNS rebinding) is another.
 * - `Origin`, which browsers send with whatever writes and with all that comes from elsewhere, must be the console's own,
 *   and a write must have it: a page elsewhere can send forms here, but not as this origin.
 * - `Sec-Fetch-Site` says the same of requests that carry no `Origin`. Whoever opens the link comes from nowhere: `none`.
 */
export function onlyOwnPages(origin: () => string): MiddlewareHandler {
  return async (context, next) => {
    const own = new URL(origin());
    const { method } = context.req;
    const header = (name: string) => context.req.header(name);
    if (header('host') !== own.host) return refused(context, 421, 'wrong_host', `This is ${own.origin} and no other.`);
    const from = header('origin');
    const reads = method === 'GET' || method === 'HEAD';
    if (from === undefined ? !reads : from !== own.origin)
      return refused(context, 403, 'wrong_origin', 'Only the pages of this console may ask this.');
    const site = header('sec-fetch-site');
    const isApi = context.req.path.startsWith('/api/');
    // Another page may link here, and see nothing; it may not call.
    if (
      site !== undefined &&
      site !== 'same-origin' &&
      site !== 'none' &&
      (isApi || header('sec-fetch-mode') !== 'navigate')
    )
      return refused(context, 403, 'wrong_origin', 'Only the pages of this console may ask this.');
    await next();
    return undefined;
  };
}

/** What goes with every answer, refusals too. */
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
