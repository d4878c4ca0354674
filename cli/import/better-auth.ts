import * as z from 'zod';
import { digestOf } from '../../src/core/keys/digest.ts';
import { formatOf, idOfDigest } from '../../src/core/keys/imported-key.ts';
import { count, flag, grantsAnything, identifier, instant, json, jsonObject, optional, text } from './fields.ts';
import { issuedKey } from './issued-key.ts';
import { onlyValue, readFields } from './read-fields.ts';
import type { Source } from './source.ts';

/** A row of the table `apikey`. A release of Better Auth renamed the owner's column from `userId` to `referenceId`. */
const row = z.looseObject({
  id: optional(text),
  name: optional(identifier),
  start: optional(text),
  key: z.string().min(1),
  userId: optional(identifier),
  referenceId: optional(identifier),
  enabled: flag.default(true),
  remaining: optional(count),
  rateLimitEnabled: optional(flag),
  permissions: json.optional(),
  metadata: optional(jsonObject),
  createdAt: instant,
  expiresAt: optional(instant),
  lastRequest: optional(instant),
});

/** Keys of Better Auth's API key plugin: hashed, or plain with `disableKeyHashing`. */
export const betterAuth: Source = (fields, options) => {
  const read = readFields(row, fields, options);
  if ('problem' in read) return read;
  const { id, start, key, userId, referenceId, permissions, rateLimitEnabled, lastRequest, ...rest } = read.data;
  const digest = /^[0-9A-Za-z_-]{43}$/.test(key) ? `sha256$${key}` : plainDigest(key);
  if (digest === undefined) return { problem: 'key: not a hash or a key of Better Auth' };
  const owner = options.ownerField === undefined ? onlyValue({ referenceId, userId }) : { value: read.owner };
  if ('problem' in owner) return owner;
  return issuedKey(
    { prefix: idOfDigest(digest), digest, importedFrom: 'better-auth' },
    {
      ...rest,
      nameless: start ?? id ?? 'Better Auth',
      ownerId: owner.value,
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
