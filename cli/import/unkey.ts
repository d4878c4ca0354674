import { z } from 'zod';
import { idOfDigest } from '../../functions/domain/imported-key.ts';
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

/** A hash, plain or as Unkey's own migration API takes it. */
const hash = z.union([z.string().min(1), z.looseObject({ value: z.string().min(1), variant: z.string().min(1) })]);

const row = z.looseObject({
  id: optional(text),
  keyId: optional(text),
  name: optional(text),
  start: optional(text),
  hash,
  ownerId: optional(text),
  externalId: optional(text),
  enabled: flag.default(true),
  remaining: optional(z.coerce.number()),
  ratelimit: json.optional(),
  ratelimits: json.optional(),
  permissions: json.optional(),
  roles: json.optional(),
  meta: json.optional(),
  createdAt: optional(instant),
  expires: optional(instant),
});

/** Keys of Unkey, or of prefixed-api-key, by their hashes. */
export const unkey: Source = (fields, { scopes, ownerField, now }) => {
  const parsed = row.safeParse(fields);
  if (!parsed.success) return { problem: faultOf(parsed.error) };
  const { id, keyId, start, externalId, ownerId, enabled, remaining, createdAt, expires } = parsed.data;
  const origin = originOf(parsed.data.hash);
  if (origin === undefined) return { problem: 'hash: neither base64 nor hex of a SHA-256' };
  if (remaining === 0) return { problem: 'it has no uses left' };
  if ((grantsAnything(parsed.data.permissions) || grantsAnything(parsed.data.roles)) && scopes.length === 0)
    return {
      problem:
        'it has permissions or roles, which are no scopes; give --scope, and perhaps import such keys by themselves',
    };

  const owner = optional(text).safeParse(ownerField === undefined ? (externalId ?? ownerId) : fields[ownerField]);
  const { name, without } = fittingName(parsed.data.name, start ?? keyId ?? id ?? 'Unkey');
  const { metadata, without: unfit } = fittingMetadata(parsed.data.meta);
  const limited = grantsAnything(parsed.data.ratelimit) || grantsAnything(parsed.data.ratelimits);
  return {
    key: {
      prefix: idOfDigest(origin.digest),
      ...origin,
      name,
      ownerId: owner.data,
      scopes: [...scopes],
      metadata,
      createdAt: createdAt ?? now,
      expiresAt: expires,
      ...(enabled ? {} : { revokedAt: now, revokedReason: 'disabled before it was imported' }),
    },
    without: [
      ...without,
      ...unfit,
      ...(remaining === undefined ? [] : ['its number of remaining uses']),
      ...(limited ? ['its rate limits'] : []),
    ],
  };
};

function originOf(hash: z.output<typeof row>['hash']) {
  const { value, variant } = typeof hash === 'string' ? { value: hash, variant: '' } : hash;
  const encoded = /^[0-9a-f]{64}$/i.test(value)
    ? Buffer.from(value, 'hex')
    : /^[0-9A-Za-z+/]{43}=$/.test(value)
      ? Buffer.from(value, 'base64')
      : undefined;
  if (encoded === undefined) return undefined;
  const digest = encoded.toString('base64url');
  return variant.includes('prefixed-api-key')
    ? ({ digest: `sha256_tail$${digest}`, importedFrom: 'prefixed-api-key' } as const)
    : ({ digest: `sha256$${digest}`, importedFrom: 'unkey' } as const);
}
