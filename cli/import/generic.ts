import { z } from 'zod';
import { idOfDigest, IMPORTED_FORMATS } from '../../functions/domain/imported-key.ts';
import { faultOf, optional, text } from './fields.ts';
import { hashed } from './plain-key.ts';
import type { Source } from './source.ts';

const row = z.looseObject({
  key: optional(text),
  prefix: optional(text),
  digest: optional(text),
  importedFrom: z.enum(IMPORTED_FORMATS).optional(),
  name: z.string().min(1),
  scopes: z.array(z.string()).optional(),
  createdAt: z.string().optional(),
});

/**
 * What `latchkey export` writes, and what anybody can write: with `prefix` and `digest`, with a `digest` alone,
 * or with the `key` itself, which is hashed before it leaves this machine. The function that stores them
 * checks every field.
 */
export const generic: Source = (fields, { scopes, importedFormats, now }) => {
  const parsed = row.safeParse(fields);
  if (!parsed.success) return { problem: faultOf(parsed.error) };
  const { key, digest, importedFrom: _importedFrom, createdAt = now, ...rest } = parsed.data;
  const origin = key === undefined ? digestOrigin(parsed.data) : hashed(key, 'sha256', importedFormats);
  if ('problem' in origin) return origin;
  if (key !== undefined && digest !== undefined) return { problem: 'it has a key and a digest; give one of them' };
  return {
    // Fields that it should not have are refused by the function, as those of a wrong type are.
    key: {
      ...rest,
      scopes: parsed.data.scopes ?? [...scopes],
      createdAt,
      ...origin,
    },
    without: [],
  };
};

function digestOrigin({ prefix, digest, importedFrom }: z.output<typeof row>) {
  if (digest === undefined) return { problem: 'it has neither a digest nor a key' };
  if (prefix !== undefined) return { prefix, digest, ...(importedFrom === undefined ? {} : { importedFrom }) };
  return { prefix: idOfDigest(digest), digest, importedFrom: importedFrom ?? ('sha256' as const) };
}
