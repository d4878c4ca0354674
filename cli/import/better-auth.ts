import { z } from 'zod';
import { digestOf } from '../../functions/domain/digest.ts';
import { formatOf, idOfDigest } from '../../functions/domain/imported-key.ts';
import { faultOf, flag, grantsAnything, instant, json, optional, ownerOf, text } from './fields.ts';
import { issuedKey } from './issued-key.ts';
import type { Source } from './source.ts';

/** A row of the table `apikey`. The owner's column was renamed on the way. */
const row = z.looseObject({
  id: optional(text),
  name: optional(text),
  start: optional(text),
  key: z.string().min(1),
  userId: optional(text),
  referenceId: optional(text),
  enabled: flag.default(true),
  remaining: optional(z.coerce.number()),
  rateLimitEnabled: optional(flag),
  permissions: json.optional(),
  metadata: json.optional(),
  createdAt: instant,
  expiresAt: optional(instant),
  lastRequest: optional(instant),
});

/** Keys of Better Auth's API key plugin, hashed as it does or, with `disableKeyHashing`, plain. */
export const betterAuth: Source = (fields, options) => {
  const parsed = row.safeParse(fields);
  if (!parsed.success) return { problem: faultOf(parsed.error) };
  const { id, start, key, userId, referenceId, permissions, rateLimitEnabled, lastRequest, ...rest } = parsed.data;
  const digest = /^[0-9A-Za-z_-]{43}$/.test(key) ? `sha256$${key}` : plainDigest(key);
  if (digest === undefined) return { problem: 'key: neither a hash nor a key of Better Auth' };
  return issuedKey(
    { prefix: idOfDigest(digest), digest, importedFrom: 'better-auth' },
    {
      ...rest,
      nameless: start ?? id ?? 'Better Auth',
      ownerId: ownerOf(fields, referenceId ?? userId, options.ownerField),
      lastUsedAt: lastRequest,
      hasPermissions: grantsAnything(permissions),
      also: rateLimitEnabled === true ? ['its rate limit'] : [],
    },
    options,
  );
};

function plainDigest(key: string): string | undefined {
  return formatOf(key, ['better-auth']) === undefined ? undefined : digestOf(key);
}
