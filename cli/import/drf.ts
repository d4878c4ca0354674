import * as z from 'zod';
import { isReadableDigest, isSlowDigest, MAX_PBKDF2_ITERATIONS } from '../../src/core/keys/digest.ts';
import { drfId } from '../../src/core/keys/imported-key.ts';
import { flag, identifier, instant, optional } from './fields.ts';
import { issuedKey } from './issued-key.ts';
import { readFields } from './read-fields.ts';
import type { Source } from './source.ts';

/** A row of the table `rest_framework_api_key_apikey`. */
const row = z.looseObject({
  prefix: z.string().regex(/^[0-9A-Za-z]{8}$/, 'not the 8 letters and digits of a key of djangorestframework-api-key'),
  hashed_key: z.string().min(1),
  created: instant,
  name: optional(identifier),
  revoked: flag.default(false),
  expiry_date: optional(instant),
});

/** Keys of djangorestframework-api-key 1.0 and later. */
export const drf: Source = (fields, options) => {
  const read = readFields(row, fields, options);
  if ('problem' in read) return read;
  const { prefix, hashed_key: digest, created, name, revoked, expiry_date: expiresAt } = read.data;
  if (!digest.startsWith('sha512$') && !isSlowDigest(digest))
    return { problem: `its digest algorithm ${String(digest.split('$', 1)[0])} is not supported` };
  if (!isReadableDigest(digest)) {
    const problem = `its digest is damaged, or has more than ${String(MAX_PBKDF2_ITERATIONS)} PBKDF2 iterations`;
    return { problem };
  }
  return issuedKey(
    { prefix: drfId(prefix), digest, importedFrom: 'drf' },
    {
      name,
      nameless: prefix,
      // Only custom models have an owner column.
      ownerId: read.owner,
      enabled: true,
      revoked,
      createdAt: created,
      expiresAt,
    },
    options,
  );
};
