import { z } from 'zod';
import { DENIAL_REASONS } from '../../src/core/decision/denial-reasons.ts';
import { fieldDefinition, fieldsWith } from '../../src/core/keys/key-fields.ts';
import { IMPORTED_FORMATS } from '../../src/core/keys/imported-key.ts';
import { KEY_STATUSES } from '../../src/core/keys/record.ts';
import { ENFORCEABLE_RESTRICTIONS } from '../../src/core/restrictions/restrictions.ts';
import { valueSchemas } from '../../src/events/schemas.ts';
import type { CacheFlush } from '../../src/management/cache-flusher.ts';
import type { InputFault } from '../../src/management/errors.ts';
import type { Flushed } from '../../src/management/operations/flushing.ts';
import type { IssuedKey } from '../../src/management/operations/issue-key.ts';
import type { KeyList } from '../../src/management/operations/list.ts';
import type { DeploymentSettings } from '../../src/management/operations/settings.ts';
import type { KeyUsage } from '../../src/management/operations/usage.ts';
import type { Verification } from '../../src/management/operations/verify.ts';
import type { OwnerView } from '../../src/management/owner-view.ts';
import type { KeyView } from '../../src/management/view.ts';

/** The schemas of the operations' results. The compiler compares them with the types of the results. */

const { time } = valueSchemas;
const text = z.string();

const keyFields = fieldsWith({ shown: true }).map((name) => {
  const { type, required = false } = fieldDefinition(name);
  return [name, required ? valueSchemas[type] : valueSchemas[type].nullable()] as const;
});
const keyShape = { ...Object.fromEntries(keyFields), status: z.enum(KEY_STATUSES) };

// `KeyView` is derived from the same table of fields.
const key = z.object(keyShape) as unknown as z.ZodType<KeyView>;

const caches = z.object({
  flushed: z.array(text),
  pending: z.array(text),
  failed: z.array(text),
}) satisfies z.ZodType<CacheFlush>;

const flushedKey = z.object({ ...keyShape, caches }) as unknown as z.ZodType<Flushed<KeyView>>;

const issuedKey = z.object({ key: text.nullable(), record: key, message: text }) satisfies z.ZodType<IssuedKey>;

const rotatedKey = issuedKey.extend({ caches }) satisfies z.ZodType<Flushed<IssuedKey>>;

const keyList = z.object({ records: z.array(key), cursor: text.nullable() }) satisfies z.ZodType<KeyList>;

const verification = z.union([
  z.object({ valid: z.literal(true), record: key }),
  z.object({ valid: z.literal(false), reason: z.enum(DENIAL_REASONS) }),
]) satisfies z.ZodType<Verification>;

const owner = z.object({
  ownerId: text,
  label: text,
  suspended: z.boolean(),
  suspendedAt: time.nullable(),
  suspendedBy: text.nullable(),
  suspendedReason: text.nullable(),
  resumedAt: time.nullable(),
  resumedBy: text.nullable(),
}) satisfies z.ZodType<OwnerView>;

const suspendedOwner = owner.extend({ caches }) satisfies z.ZodType<Flushed<OwnerView>>;

const counts = {
  requests: z.number(),
  errors: z.number(),
  throttled: z.number(),
  averageLatencyMs: z.number().nullable(),
  lastUsedAt: time.nullable(),
};
const day = z.iso.date();
const keyUsage = z.object({
  prefix: text,
  from: day,
  to: day,
  ...counts,
  days: z.array(z.object({ day, ...counts, routes: z.array(z.object({ route: text, ...counts })) })),
}) satisfies z.ZodType<KeyUsage>;

const settings = z.object({
  label: text,
  plans: z.record(text, valueSchemas.limits),
  attributes: z
    .looseObject({ type: z.literal('object'), properties: z.record(text, z.looseObject({})) })
    .nullable() as unknown as z.ZodType<DeploymentSettings['attributes']>,
  readOnly: z.boolean(),
  ownerSuspension: z.boolean(),
  restrictions: z.array(z.enum(ENFORCEABLE_RESTRICTIONS)),
  importedFormats: z.array(z.enum(IMPORTED_FORMATS)),
}) satisfies z.ZodType<DeploymentSettings>;

const fault = z.object({
  field: text,
  message: text,
  accepted: text.optional(),
}) satisfies z.ZodType<InputFault>;

/** A component of the document, and the types whose doc comments describe its fields. */
interface Component {
  readonly schema: z.ZodType;
  readonly types: readonly string[];
}

const KEY_TYPES = ['KeyView', 'KEY_FIELDS'];

/** The components of the results by their names in the document. */
export const COMPONENTS = {
  Key: { schema: key, types: KEY_TYPES },
  FlushedKey: { schema: flushedKey, types: [...KEY_TYPES, 'Flushed'] },
  IssuedKey: { schema: issuedKey, types: ['IssuedKey'] },
  RotatedKey: { schema: rotatedKey, types: ['IssuedKey', 'Flushed'] },
  KeyList: { schema: keyList, types: ['KeyList'] },
  KeyUsage: { schema: keyUsage, types: ['KeyUsage', 'UsageView', 'UsageCounts'] },
  Verification: { schema: verification, types: ['Verification'] },
  Owner: { schema: owner, types: ['OwnerView'] },
  SuspendedOwner: { schema: suspendedOwner, types: ['OwnerView', 'Flushed'] },
  Settings: { schema: settings, types: ['DeploymentSettings'] },
  CacheFlush: { schema: caches, types: ['CacheFlush'] },
  InputFault: { schema: fault, types: ['InputFault'] },
} as const satisfies Record<string, Component>;

export type ComponentName = keyof typeof COMPONENTS;
