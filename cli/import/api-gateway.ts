import { z } from 'zod';
import { faultOf, fittingMetadata, fittingName, flag, instant, optional, text } from './fields.ts';
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
  createddate: optional(z.union([instant, z.number()])),
  stagekeys: z.unknown().optional(),
  usageplanids: optional(text),
});

/** API Gateway's own keys. Their values are hashed before they leave this machine. */
export const apiGateway: Source = (fields, { scopes, ownerField, now }) => {
  // Its JSON says createdDate, its CSV Enabled or enabled.
  const lowerCase = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name.toLowerCase(), value]));
  const parsed = row.safeParse(lowerCase);
  if (!parsed.success) return { problem: faultOf(parsed.error) };
  const { id, value, key, customerid, description, enabled, createddate, usageplanids } = parsed.data;
  const plain = value ?? key;
  if (plain === undefined) return { problem: 'it has no value: use get-api-keys --include-values' };
  const origin = hashed(plain, 'api-gateway');
  if ('problem' in origin) return origin;

  const { name, without } = fittingName(parsed.data.name, id ?? 'API Gateway');
  const { metadata, without: unfit } = fittingMetadata(description === undefined ? {} : { description });
  const owner = optional(text).safeParse(ownerField === undefined ? customerid : fields[ownerField]);
  const stageKeys = parsed.data.stagekeys;
  const planned = usageplanids !== undefined || (Array.isArray(stageKeys) && stageKeys.length > 0);
  return {
    key: {
      ...origin,
      name,
      ownerId: owner.data,
      scopes: [...scopes],
      metadata,
      createdAt: createddate === undefined ? now : String(createddate),
      ...(enabled ? {} : { revokedAt: now, revokedReason: 'disabled before it was imported' }),
    },
    without: [...without, ...unfit, ...(planned ? ['its usage plans'] : [])],
  };
};
