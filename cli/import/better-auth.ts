import { z } from 'zod';
import { digestOf } from '../../functions/domain/digest.ts';
import { formatOf, idOfDigest } from '../../functions/domain/imported-key.ts';
import {
  faultOf,
  fittingMetadata,
  fittingName,
  flag,
  grantsAnything,
  instant,
  json,
  optional,
  text,
} from './fields.ts';
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
export const betterAuth: Source = (fields, { scopes, ownerField, now }) => {
  const parsed = row.safeParse(fields);
  if (!parsed.success) return { problem: faultOf(parsed.error) };
  const { id, start, key, userId, referenceId, enabled, remaining, createdAt, expiresAt, lastRequest } = parsed.data;
  const digest = /^[0-9A-Za-z_-]{43}$/.test(key) ? `sha256$${key}` : plainDigest(key);
  if (digest === undefined) return { problem: 'key: neither a hash nor a key of Better Auth' };
  if (remaining === 0) return { problem: 'it has no uses left' };
  if (grantsAnything(parsed.data.permissions) && scopes.length === 0)
    return {
      problem: 'it has permissions, which are no scopes; give --scope, and perhaps import such keys by themselves',
    };

  const owner = optional(text).safeParse(ownerField === undefined ? (referenceId ?? userId) : fields[ownerField]);
  const { name, without } = fittingName(parsed.data.name, start ?? id ?? 'Better Auth');
  const { metadata, without: unfit } = fittingMetadata(parsed.data.metadata);
  return {
    key: {
      prefix: idOfDigest(digest),
      digest,
      importedFrom: 'better-auth',
      name,
      ownerId: owner.data,
      scopes: [...scopes],
      metadata,
      createdAt,
      expiresAt,
      lastUsedAt: lastRequest,
      ...(enabled ? {} : { revokedAt: now, revokedReason: 'disabled before it was imported' }),
    },
    without: [
      ...without,
      ...unfit,
      ...(remaining === undefined ? [] : ['its number of remaining uses']),
      ...(parsed.data.rateLimitEnabled === true ? ['its rate limit'] : []),
    ],
  };
};

function plainDigest(key: string): string | undefined {
  return formatOf(key, ['better-auth']) === undefined ? undefined : digestOf(key);
}
