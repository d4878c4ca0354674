import { z } from 'zod';
import { isReadableDigest, isSlowDigest, MAX_PBKDF2_ITERATIONS } from '../../functions/domain/digest.ts';
import { drfId } from '../../functions/domain/imported-key.ts';
import { faultOf, flag, instant, optional, ownerOf, text } from './fields.ts';
import { issuedKey } from './issued-key.ts';
import type { Source } from './source.ts';

/** A row of the table `rest_framework_api_key_apikey`. */
const row = z.looseObject({
  prefix: z.string().regex(/^[0-9A-Za-z]{8}$/, 'not the 8 letters and digits of a key of djangorestframework-api-key'),
  hashed_key: z.string().min(1),
  created: instant,
  name: optional(text),
  revoked: flag.default(false),
  expiry_date: optional(instant),
});

/** Keys of djangorestframework-api-key, from its version 1.0 on. */
export const drf: Source = (fields, options) => {
  const parsed = row.safeParse(fields);
  if (!parsed.success) return { problem: faultOf(parsed.error) };
  const { prefix, hashed_key: digest, created, revoked, expiry_date: expiresAt } = parsed.data;
  if (!digest.startsWith('sha512$') && !isSlowDigest(digest))
    return { problem: `its digest is ${String(digest.split('$', 1)[0])}, which is not supported` };
  if (!isReadableDigest(digest)) {
    const problem = `its digest is damaged, or has over ${String(MAX_PBKDF2_ITERATIONS)} PBKDF2 iterations`;
    return { problem };
  }
  return issuedKey(
    { prefix: drfId(prefix), digest, importedFrom: 'drf' },
    {
      name: parsed.data.name,
      nameless: prefix,
      // Only models of the team's own have an owner, in a column of the team's own.
      ownerId: ownerOf(fields, undefined, options.ownerField),
      enabled: !revoked,
      createdAt: created,
      expiresAt,
    },
    options,
  );
};
