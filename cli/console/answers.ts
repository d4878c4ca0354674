import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Problem } from '../errors.ts';

/** A refusal of the console's own server, in the form that the management functions have theirs. */
export function refused(context: Context, status: ContentfulStatusCode, code: string, message: string): Response {
  return context.json({ error: { code, message } }, status);
}

/** The HTTP status of what a command would end with: that of the admin API, or 502 where there was no answer to be had. */
export function statusOf({ code }: Problem): ContentfulStatusCode {
  return STATUSES[code] ?? 502;
}

/** As the classes in functions/manage/errors.ts have them. */
const STATUSES: Readonly<Record<string, ContentfulStatusCode>> = {
  invalid_input: 400,
  access_denied: 403,
  not_found: 404,
  not_enabled: 409,
  revoked: 409,
  expired: 409,
  replaced: 409,
  version_conflict: 409,
  idempotency_conflict: 409,
};
