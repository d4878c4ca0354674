import * as z from 'zod';
import { IMPORTED_FORMATS } from '../core/keys/imported-key.ts';
import { fieldDefinition, KEY_FIELDS, type FieldName, type FieldType } from '../core/keys/key-fields.ts';
import { isKeyId } from '../core/keys/key-id.ts';
import { RECORD_SIZE_LIMITS, type EpochMs, type FieldValue, type FieldValues } from '../core/keys/record.ts';
import { USAGE_IDENTIFIER_VERSION } from '../core/limits/usage-identifier.ts';
import type { StoredKey } from '../storage/key-store.ts';
import { keyFields, text } from './key-rules.ts';
import type { PortableKey, PortableRequired, PortableValue } from './portable.ts';

const time = z.iso
  .datetime({ offset: true })
  .transform((text): EpochMs => Date.parse(text))
  .describe('an ISO 8601 time such as "2027-01-31T12:00:00Z"');

/** Far more changes than a key gets, and far below 2^53, from which on versions can't be counted exactly. */
const MAX_VERSION = 1e12;

/** How far the clock of the exporting system may be ahead of this one, in milliseconds. */
const CLOCK_SKEW_MS = 5 * 60_000;

const keyId = z.string().refine(isKeyId, 'not the id of a key');

const withinBytes = (most: number) => (value: object) =>
  Buffer.byteLength(Array.isArray(value) ? value.join(',') : JSON.stringify(value)) <= most;

/** The schemas of the fields' values, by type. They accept everything that a stored record can have. */
const valueSchemas = {
  id: keyId,
  text: text.min(1).max(64),
  time,
  count: z.number().int().positive().max(MAX_VERSION),
  scopes: z
    .array(text)
    .refine(withinBytes(RECORD_SIZE_LIMITS.scopesBytes), `over ${String(RECORD_SIZE_LIMITS.scopesBytes)} bytes`),
  metadata: keyFields.metadata(undefined),
  limits: keyFields.limits,
  restrictions: z
    .strictObject({
      sourceIps: z.array(text).optional(),
      origins: z.array(text).optional(),
      stages: z.array(text).optional(),
    })
    .refine(
      withinBytes(RECORD_SIZE_LIMITS.restrictionsBytes),
      `over ${String(RECORD_SIZE_LIMITS.restrictionsBytes)} bytes as JSON`,
    ),
  digest: text.min(1).max(256),
  issuer: z.enum(IMPORTED_FORMATS),
  usageIdVersion: z.literal(USAGE_IDENTIFIER_VERSION),
} satisfies { [Type in FieldType]: z.ZodType<FieldValues[Type]> };

type PortableShape = {
  [Name in FieldName]: Name extends PortableRequired
    ? z.ZodType<FieldValue<Name>, PortableValue<Name>>
    : z.ZodOptional<z.ZodType<FieldValue<Name>, PortableValue<Name>>>;
};

function portableShape(now: EpochMs): PortableShape {
  const past = time.refine((instant) => instant <= now + CLOCK_SKEW_MS, 'in the future');
  const schemas: Partial<Record<FieldName, z.ZodType>> = {
    name: keyFields.name,
    ownerId: keyFields.ownerId,
    revokedReason: keyFields.reason,
    disabledReason: keyFields.reason,
    // The length of the longest name of a secret.
    secretName: text.min(1).max(512),
    // The length of the longest IAM ARN.
    disabledBy: text.min(1).max(2048),
    disabledAt: past,
    createdAt: past,
    revokedAt: past,
    lastUsedAt: past,
  };
  const shape = (Object.keys(KEY_FIELDS) as FieldName[]).map((name) => {
    const { type, required = false, importDefault = false } = fieldDefinition(name);
    const schema = schemas[name] ?? valueSchemas[type];
    return [name, required && !importDefault ? schema : schema.optional()];
  });
  // The entries are those of `PortableShape`, one for each name.
  return Object.fromEntries(shape) as PortableShape;
}

/**
 * Returns the schema of the portable form of a key: the types and sizes that a stored record can have. The rules for new
 * keys are checked separately (see {@link brokenRules}), because a stored key keeps working when those rules are tightened.
 *
 * @param now the time of the import. Past events of a key, such as its creation, must not be later
 */
export const portableKey = (now: EpochMs) =>
  z
    .strictObject({
      ...portableShape(now),
      idempotency: z.strictObject({ token: text.max(64), request: text.max(64) }).optional(),
    })
    .superRefine((key, context) => {
      for (const [field, message] of rotationFaults(key)) context.addIssue({ code: 'custom', path: [field], message });
    });

/** Returns contradictions between the keys that a record refers to, as far as the record alone can show them. */
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

/** Returns the portable form of a record, which {@link portableKey} accepts. */
export function toPortable(record: StoredKey): PortableKey {
  const fields = Object.entries(record).flatMap(([name, value]: [string, unknown]) => {
    if (value === undefined) return [];
    const isTime = name in KEY_FIELDS && fieldDefinition(name as FieldName).type === 'time';
    return [[name, isTime ? new Date(value as EpochMs).toISOString() : structuredClone(value)]];
  });
  // The fields of `StoredKey` and `PortableKey` have the same names, and times are converted.
  return Object.fromEntries(fields) as PortableKey;
}
