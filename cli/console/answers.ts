import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { REFUSAL_STATUSES } from '../../src/management/errors.ts';
import type { Problem } from '../errors.ts';

/** A refusal of the console's own server, in the form that the management functions have theirs. */
export function refused(context: Context, status: ContentfulStatusCode, code: string, message: string): Response {
  return context.json({ error: { code, message } }, status);
}

/** The HTTP status of what a command would end with: that of the admin API, or 502 where there was no answer to be had. */
export function statusOf({ code }: Problem): ContentfulStatusCode {
  return STATUSES[code] ?? 502;
}

/** Of the functions' refusals, and of AWS. */
const STATUSES: Readonly<Record<string, ContentfulStatusCode>> = { ...REFUSAL_STATUSES, access_denied: 403 };
