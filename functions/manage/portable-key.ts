import { z } from 'zod';
import { IMPORTED_FORMATS } from '../domain/imported-key.ts';
import { isKeyId } from '../domain/key-id.ts';
import type { EpochMs } from '../domain/record.ts';
import type { Restrictions } from '../domain/restrictions.ts';
import type { StoredKey } from '../store/key-store.ts';
import { keyFields, type FieldSettings } from './input.ts';
import { beginsBeforeItEnds, BEGINS_TOO_LATE } from './life-span.ts';
import type { PortableKey } from './portable.ts';

const time = z.iso
  .datetime({ offset: true })
  .transform((text): EpochMs => Date.parse(text))
  .describe('an ISO 8601 time such as "2027-01-31T12:00:00Z"');

/** Far more changes than anybody makes, and room to count on: past 2^53 nobody could read the record any more. */
const MAX_VERSION = 1e12;

const keyId = z.string().refine(isKeyId, 'not the id of a key');

/**
 * What an import accepts of one key. It may have ended: then it is refused here as it was there.
 *
 * @param settings of the deployment, whose plans, attributes and restrictions these must be: with others the key would be let in nowhere
 */
export const portableKey = ({ plans, attributes, restrictions }: FieldSettings) =>
  z
    .strictObject({
      prefix: keyId,
      /** That of the deployment, if it is not given: other issuers know of no labels. */
      label: z.string().min(1).max(64).optional(),
      digest: z.string().min(1).max(256),
      importedFrom: z.enum(IMPORTED_FORMATS).optional(),
      name: keyFields.name,
      ownerId: keyFields.ownerId.optional(),
      scopes: keyFields.scopes.default([]),
      metadata: keyFields.metadata(attributes).prefault({}),
      plan: keyFields.plan(plans).optional(),
      limits: keyFields.limits.optional(),
      restrictions: keyFields.restrictions(restrictions).optional(),
      createdAt: time,
      notBefore: time.optional(),
      expiresAt: time.optional(),
      revokedAt: time.optional(),
      revokedReason: keyFields.reason.optional(),
      replacedBy: keyId.optional(),
      rotatedFrom: keyId.optional(),
      countsAs: keyId.optional(),
      lastUsedAt: time.optional(),
      version: z.number().int().positive().max(MAX_VERSION).default(1),
      idempotency: z.strictObject({ token: z.string().max(64), request: z.string().max(64) }).optional(),
    })
    .refine(
      // A key that was ended before it had begun may be carried.
      ({ notBefore, expiresAt: expires, ...key }) =>
        (key.revokedAt ?? key.replacedBy) !== undefined || beginsBeforeItEnds({ notBefore, expires }),
      { path: ['notBefore'], message: BEGINS_TOO_LATE },
    );

/** Writes a record down, to be read by {@link portableKey}. */
export function toPortable(record: StoredKey): PortableKey {
  const { createdAt, notBefore, expiresAt, revokedAt, lastUsedAt, restrictions, ...rest } = record;
  return {
    ...rest,
    scopes: [...record.scopes],
    metadata: { ...record.metadata },
    createdAt: iso(createdAt),
    ...(restrictions === undefined ? {} : { restrictions: portableRestrictions(restrictions) }),
    ...(notBefore === undefined ? {} : { notBefore: iso(notBefore) }),
    ...(expiresAt === undefined ? {} : { expiresAt: iso(expiresAt) }),
    ...(revokedAt === undefined ? {} : { revokedAt: iso(revokedAt) }),
    ...(lastUsedAt === undefined ? {} : { lastUsedAt: iso(lastUsedAt) }),
  };
}

/** Copies, for what a record holds is not to be changed, and what zod takes may be. */
function portableRestrictions(restrictions: Restrictions): PortableKey['restrictions'] {
  return Object.fromEntries(Object.entries(restrictions).map(([kind, list]) => [kind, [...(list as string[])]]));
}

function iso(time: EpochMs): string {
  return new Date(time).toISOString();
}
