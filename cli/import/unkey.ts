import { z } from 'zod';
import { idOfDigest } from '../../functions/domain/imported-key.ts';
import { faultOf, flag, grantsAnything, instant, json, optional, ownerOf, text } from './fields.ts';
import { issuedKey } from './issued-key.ts';
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
export const unkey: Source = (fields, options) => {
  const parsed = row.safeParse(fields);
  if (!parsed.success) return { problem: faultOf(parsed.error) };
  const { id, keyId, start, hash, externalId, ownerId, permissions, roles, meta, expires, ...rest } = parsed.data;
  const origin = originOf(hash);
  if (origin === undefined) return { problem: 'hash: neither base64 nor hex of a SHA-256' };
  const limited = grantsAnything(rest.ratelimit) || grantsAnything(rest.ratelimits);
  return issuedKey(
    { prefix: idOfDigest(origin.digest), ...origin },
    {
      ...rest,
      nameless: start ?? keyId ?? id ?? 'Unkey',
      ownerId: ownerOf(fields, externalId ?? ownerId, options.ownerField),
      metadata: meta,
      createdAt: rest.createdAt ?? options.now,
      expiresAt: expires,
      hasPermissions: grantsAnything(permissions) || grantsAnything(roles),
      also: limited ? ['its rate limits'] : [],
    },
    options,
  );
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
