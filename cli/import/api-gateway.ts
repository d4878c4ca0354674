import * as z from 'zod';
import { flag, grantsAnything, identifier, instant, optional, text } from './fields.ts';
import { issuedKey } from './issued-key.ts';
import { hashed } from './plain-key.ts';
import { onlyValue, readFields } from './read-fields.ts';
import type { Source } from './source.ts';

/** The output of `get-api-keys --include-values`, or a row of API Gateway's import format. */
const row = z.looseObject({
  id: optional(text),
  name: optional(identifier),
  value: optional(text),
  key: optional(text),
  customerid: optional(identifier),
  description: optional(text),
  enabled: flag.default(true),
  createddate: optional(instant),
  stagekeys: z.unknown().optional(),
  usageplanids: z.unknown().optional(),
});

/** API Gateway keys. Their values are hashed before they leave this machine. */
export const apiGateway: Source = (fields, options) => {
  // Its JSON has createdDate, its CSV has Enabled or enabled. No two names of a row differ only in case.
  const lowerCase = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name.toLowerCase(), value]));
  const read = readFields(row, lowerCase, { ownerField: options.ownerField?.toLowerCase() });
  if ('problem' in read) return read;
  const { id, name, value, key, customerid, description, enabled, createddate, usageplanids, stagekeys } = read.data;
  const plain = onlyValue({ value, key });
  if ('problem' in plain) return plain;
  if (plain.value === undefined)
    return { problem: 'it has no value; export the keys with get-api-keys --include-values' };
  const origin = hashed(plain.value, 'api-gateway', options.importedFormats);
  if ('problem' in origin) return origin;
  const planned = grantsAnything(usageplanids) || grantsAnything(stagekeys);
  return issuedKey(
    origin,
    {
      name,
      nameless: id ?? 'API Gateway',
      ownerId: options.ownerField === undefined ? customerid : read.owner,
      metadata: description === undefined ? {} : { description },
      enabled,
      createdAt: createddate ?? options.now,
      also: planned ? ['its usage plans'] : [],
    },
    options,
  );
};
