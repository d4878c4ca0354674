import { z } from 'zod';
import { IMPORTED_FORMATS } from '../core/keys/imported-key.ts';
import { isKeyId } from '../core/keys/key-id.ts';
import { LIMITS, type EpochMs } from '../core/keys/record.ts';
import { USAGE_IDENTIFIER_VERSION } from '../core/limits/usage-identifier.ts';
import type { Restrictions } from '../core/restrictions/restrictions.ts';
import type { StoredKey } from '../storage/key-store.ts';
import { keyFields, text } from './input.ts';
import type { PortableKey } from './portable.ts';

const time = z.iso
  .datetime({ offset: true })
  .transform((text): EpochMs => Date.parse(text))
  .describe('an ISO 8601 time such as "2027-01-31T12:00:00Z"');

/** Far more changes than anybody makes, and room to count on: past 2^53 nobody could read the record any more. */
const MAX_VERSION = 1e12;

/** How far the clock that wrote a time may be ahead of this one, in milliseconds. */
const CLOCK_SKEW_MS = 5 * 60_000;

const keyId = z.string().refine(isKeyId, 'not the id of a key');

const withinBytes = (most: number) => (value: object) =>
  Buffer.byteLength(Array.isArray(value) ? value.join(',') : JSON.stringify(value)) <= most;

const portableRestrictions = z.strictObject({
  sourceIps: z.array(text).optional(),
  origins: z.array(text).optional(),
  stages: z.array(text).optional(),
});

/**
 * The portable form of a key: the types and sizes that a stored record can have. The rules for new keys are checked
 * separately (see {@link brokenRules}), because a stored key keeps working when those rules are tightened.
 *
 * @param now the time of the import: what has happened to a key cannot be in its future
 */
export const portableKey = (now: EpochMs) => {
  const past = time.refine((instant) => instant <= now + CLOCK_SKEW_MS, 'in the future');
  return z
    .strictObject({
      prefix: keyId,
      /** @default the label of the deployment: keys of other issuers have no label */
      label: text.min(1).max(64).optional(),
      digest: text.min(1).max(256),
      importedFrom: z.enum(IMPORTED_FORMATS).optional(),
      name: keyFields.name,
      ownerId: keyFields.ownerId.optional(),
      scopes: z
        .array(text)
        .refine(withinBytes(LIMITS.scopesBytes), `over ${String(LIMITS.scopesBytes)} bytes`)
        .default([]),
      metadata: keyFields.metadata(undefined).optional(),
      plan: text.min(1).max(64).optional(),
      limits: keyFields.limits.optional(),
      restrictions: portableRestrictions
        .refine(withinBytes(LIMITS.restrictionsBytes), `over ${String(LIMITS.restrictionsBytes)} bytes as JSON`)
        .optional(),
      createdAt: past,
      notBefore: time.optional(),
      expiresAt: time.optional(),
      revokedAt: past.optional(),
      revokedReason: keyFields.reason.optional(),
      replacedBy: keyId.optional(),
      rotatedFrom: keyId.optional(),
      countsAs: keyId.optional(),
      usageId: z.literal(USAGE_IDENTIFIER_VERSION).optional(),
      lastUsedAt: past.optional(),
      version: z.number().int().positive().max(MAX_VERSION).default(1),
      idempotency: z.strictObject({ token: text.max(64), request: text.max(64) }).optional(),
    })
    .superRefine((key, context) => {
      for (const [field, message] of rotationFaults(key)) context.addIssue({ code: 'custom', path: [field], message });
    });
};

/** What is wrong with the keys that a record names, as far as the record itself tells. */
function rotationFaults({
  prefix,
  replacedBy,
  rotatedFrom,
  countsAs,
}: {
  readonly prefix: string;
  readonly replacedBy?: string | undefined;
  readonly rotatedFrom?: string | undefined;
  readonly countsAs?: string | undefined;
}): [field: string, message: string][] {
  const faults: [string, string][] = [];
  for (const [field, id] of Object.entries({ replacedBy, rotatedFrom, countsAs }))
    if (id === prefix) faults.push([field, 'the key itself']);
  if (replacedBy !== undefined && replacedBy === rotatedFrom)
    faults.push(['replacedBy', 'the key that this one was rotated from']);
  if (countsAs !== undefined && rotatedFrom === undefined)
    faults.push(['countsAs', 'another key, although this one was not rotated from any']);
  return faults;
}

/** Writes a record down, to be read by {@link portableKey}. */
export function toPortable(record: StoredKey): PortableKey {
  const { createdAt, notBefore, expiresAt, revokedAt, lastUsedAt, restrictions, ...rest } = record;
  return {
    ...rest,
    scopes: [...record.scopes],
    metadata: { ...record.metadata },
    createdAt: iso(createdAt),
    ...(restrictions === undefined ? {} : { restrictions: copyOf(restrictions) }),
    ...(notBefore === undefined ? {} : { notBefore: iso(notBefore) }),
    ...(expiresAt === undefined ? {} : { expiresAt: iso(expiresAt) }),
    ...(revokedAt === undefined ? {} : { revokedAt: iso(revokedAt) }),
    ...(lastUsedAt === undefined ? {} : { lastUsedAt: iso(lastUsedAt) }),
  };
}

/** Copies, for what a record holds is not to be changed, and what zod takes may be. */
function copyOf(restrictions: Restrictions): PortableKey['restrictions'] {
  return Object.fromEntries(Object.entries(restrictions).map(([kind, list]) => [kind, [...(list as string[])]]));
}

function iso(time: EpochMs): string {
  return new Date(time).toISOString();
}
