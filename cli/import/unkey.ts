import * as z from 'zod';
import { idOfDigest } from '../../src/core/keys/imported-key.ts';
import { count, flag, grantsAnything, identifier, instant, json, jsonObject, optional, text } from './fields.ts';
import { issuedKey } from './issued-key.ts';
import { onlyValue, readFields } from './read-fields.ts';
import type { Source } from './source.ts';

/** A hash, plain or in the form of Unkey's migration API. */
const hash = z.union([z.string().min(1), z.looseObject({ value: z.string().min(1), variant: z.string().min(1) })]);

const row = z.looseObject({
  id: optional(text),
  keyId: optional(text),
  name: optional(identifier),
  start: optional(text),
  hash,
  ownerId: optional(identifier),
  externalId: optional(identifier),
  enabled: flag.default(true),
  remaining: optional(count),
  ratelimit: json.optional(),
  ratelimits: json.optional(),
  permissions: json.optional(),
  roles: json.optional(),
  meta: optional(jsonObject),
  createdAt: optional(instant),
  expires: optional(instant),
});

/** Keys of Unkey or prefixed-api-key, by their hashes. */
export const unkey: Source = (fields, options) => {
  const read = readFields(row, fields, options);
  if ('problem' in read) return read;
  const { id, keyId, start, hash, externalId, ownerId, permissions, roles, meta, expires, ...rest } = read.data;
  const origin = originOf(hash);
  if (origin === undefined) return { problem: 'hash: not a SHA-256 hash in base64 or hex' };
  const owner = options.ownerField === undefined ? onlyValue({ externalId, ownerId }) : { value: read.owner };
  if ('problem' in owner) return owner;
  const limited = grantsAnything(rest.ratelimit) || grantsAnything(rest.ratelimits);
  return issuedKey(
    { prefix: idOfDigest(origin.digest), ...origin },
    {
      ...rest,
      nameless: start ?? keyId ?? id ?? 'Unkey',
      ownerId: owner.value,
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
