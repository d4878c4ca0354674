import { z } from 'zod';
import { faultOf, flag, instant, optional, ownerOf, text } from './fields.ts';
import { issuedKey } from './issued-key.ts';
import { hashed } from './plain-key.ts';
import type { Source } from './source.ts';

/** What `get-api-keys --include-values` answers, or a line of API Gateway's own import format. */
const row = z.looseObject({
  id: optional(text),
  name: optional(text),
  value: optional(text),
  key: optional(text),
  customerid: optional(text),
  description: optional(text),
  enabled: flag.default(true),
  createddate: optional(instant),
  stagekeys: z.unknown().optional(),
  usageplanids: optional(text),
});

/** API Gateway's own keys. Their values are hashed before they leave this machine. */
export const apiGateway: Source = (fields, options) => {
  // Its JSON says createdDate, its CSV Enabled or enabled.
  const lowerCase = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name.toLowerCase(), value]));
  const parsed = row.safeParse(lowerCase);
  if (!parsed.success) return { problem: faultOf(parsed.error) };
  const { id, name, value, key, customerid, description, enabled, createddate, usageplanids, stagekeys } = parsed.data;
  const plain = value ?? key;
  if (plain === undefined) return { problem: 'it has no value: use get-api-keys --include-values' };
  const origin = hashed(plain, 'api-gateway', options.importedFormats);
  if ('problem' in origin) return origin;
  const planned = usageplanids !== undefined || (Array.isArray(stagekeys) && stagekeys.length > 0);
  return issuedKey(
    origin,
    {
      name,
      nameless: id ?? 'API Gateway',
      ownerId: ownerOf(fields, customerid, options.ownerField),
      metadata: description === undefined ? {} : { description },
      enabled,
      createdAt: createddate ?? options.now,
      also: planned ? ['its usage plans'] : [],
    },
    options,
  );
};
