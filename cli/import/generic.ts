import * as z from 'zod';
import { idOfDigest, IMPORTED_FORMATS } from '../../src/core/keys/imported-key.ts';
import { ambiguousValue } from './ambiguities.ts';
import { identifierFault, optional, text } from './fields.ts';
import { withPlainNumbers } from './json.ts';
import { hashed } from './plain-key.ts';
import { readFields } from './read-fields.ts';
import { UNSCOPED, type Source } from './source.ts';

const row = z.looseObject({
  key: optional(text),
  prefix: optional(text),
  digest: optional(text),
  importedFrom: z.enum(IMPORTED_FORMATS).optional(),
  name: z.string().min(1),
  ownerId: z.string().optional(),
  scopes: z.array(z.string()).optional(),
  createdAt: z.string().optional(),
});

/**
 * The output of `latchkey export`, or a file in the same format. A row has a `prefix` and a `digest`, only a `digest`, or the
 * `key` itself, which is hashed before it leaves this machine. The deployment validates every field.
 */
export const generic: Source = (fields, options, format) => {
  const { scopes, allowUnscoped, importedFormats, now } = options;
  const plain = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, withPlainNumbers(value)]));
  const inexact = ambiguousValue(plain, []);
  if (inexact !== undefined) return { problem: inexact };
  const read = readFields(row, plain, options);
  if ('problem' in read) return read;
  const { key, digest, importedFrom: _importedFrom, createdAt = now, ...rest } = read.data;
  // A CSV cell can have been a number or missing before it was exported. A JSON string can't.
  if (format === 'csv')
    for (const field of ['name', 'ownerId'] as const) {
      const fault = identifierFault(rest[field] ?? '');
      if (fault !== undefined) return { problem: `${field}: ${fault}` };
    }
  const origin = key === undefined ? digestOrigin(read.data) : hashed(key, 'sha256', importedFormats);
  if ('problem' in origin) return origin;
  if (key !== undefined && digest !== undefined) return { problem: 'it has a key and a digest; remove one of them' };
  // An empty list is explicit. An export contains it for a key without scopes.
  if (rest.scopes === undefined && scopes.length === 0 && !allowUnscoped) return { problem: UNSCOPED };
  return {
    // The deployment rejects fields that are unknown or have the wrong type.
    key: { ...rest, scopes: rest.scopes ?? [...scopes], createdAt, ...origin },
    without: [],
  };
};

function digestOrigin({ prefix, digest, importedFrom }: z.output<typeof row>) {
  if (digest === undefined) return { problem: 'it has no digest and no key; give one of them' };
  if (prefix !== undefined) return { prefix, digest, ...(importedFrom === undefined ? {} : { importedFrom }) };
  return { prefix: idOfDigest(digest), digest, importedFrom: importedFrom ?? ('sha256' as const) };
}
