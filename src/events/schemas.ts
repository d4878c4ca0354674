import * as z from 'zod';
import { fieldDefinition, fieldsWith, type FieldType } from '../core/keys/key-fields.ts';
import type { FieldValues } from '../core/keys/record.ts';
import { IMPORTED_FORMATS } from '../core/keys/imported-key.ts';
import {
  EVENT_SOURCE,
  ROTATION_FAILED,
  TRACKED_FIELDS,
  type EventKey,
  type KeyEvent,
  type KeyEventDetails,
  type KeyEventType,
  type RotationFailedDetail,
} from '../gateway/key-events.ts';

const time = z.iso.datetime();

/** The schema of a field's value in JSON, by the type of the field. */
export const valueSchemas = {
  id: z.string(),
  text: z.string(),
  time,
  count: z.number(),
  scopes: z.array(z.string()),
  metadata: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  limits: z.object({ rate: z.string().optional(), burst: z.number().optional(), quota: z.string().optional() }),
  restrictions: z.object({
    sourceIps: z.array(z.string()).optional(),
    origins: z.array(z.string()).optional(),
    stages: z.array(z.string()).optional(),
  }),
  digest: z.string(),
  issuer: z.enum(IMPORTED_FORMATS),
  usageIdVersion: z.literal(2),
} satisfies { [Type in FieldType]: z.ZodType<Type extends 'time' ? string : FieldValues[Type]> };

const fields = fieldsWith({ inEvents: true }).map((name) => {
  const { type, required = false } = fieldDefinition(name);
  return [name, required ? valueSchemas[type] : valueSchemas[type].optional()] as const;
});

// `EventKey` is derived from the same table of fields.
const key = z.object({
  keyId: z.string().describe("The key's public prefix"),
  ...Object.fromEntries(fields),
}) as unknown as z.ZodType<EventKey>;

const metadata = z.object({ version: z.literal('1'), eventId: z.string(), occurredAt: time });

const detail = <Shape extends z.ZodRawShape>(data: Shape) =>
  z.object({
    metadata,
    data: z.object({ key, ...data }),
  });

/** The schema of the `detail` of each kind of event. */
const details = {
  'API Key Created': detail({}),
  'API Key Updated': detail({ changed: z.array(z.enum(TRACKED_FIELDS)).min(1) }),
  'API Key Rotated': detail({ replacedBy: z.string(), endsAt: time }),
  'API Key Disabled': detail({ disabledAt: time, reason: z.string().optional(), by: z.string().optional() }),
  'API Key Enabled': detail({}),
  'API Key Revoked': detail({ revokedAt: time, reason: z.string().optional() }),
  'API Key Expiring': detail({ expiresAt: time, noticeDays: z.int().positive() }),
  'API Key Expired': detail({ expiresAt: time }),
  'API Key Deleted': detail({}),
  'API Key Limit Reached': detail({ limit: z.enum(['rate', 'quota']), allowed: z.string(), from: time, until: time }),
} satisfies { [Type in KeyEventType]: z.ZodType<KeyEventDetails[Type]> };

const rotationFailed: z.ZodType<RotationFailedDetail> = z.object({
  metadata,
  data: z.object({
    secretId: z.string().describe('The ARN of the secret'),
    secretName: z.string(),
    step: z.enum(['createSecret', 'setSecret', 'testSecret', 'finishSecret', 'check']),
    code: z.string().describe('Why the rotation failed. Later releases can add codes'),
  }),
});

/**
 * Returns the JSON Schema of an event of any kind, as the target of a rule receives it. It allows unknown fields, because
 * later releases can add fields.
 */
export function eventSchema(): object {
  const events = Object.entries({ ...details, [ROTATION_FAILED]: rotationFailed }).map(([type, ofType]) =>
    z.object({ source: z.literal(EVENT_SOURCE), 'detail-type': z.literal(type), detail: ofType }).meta({ title: type }),
  );
  return { title: 'Events of Latchkey', ...z.toJSONSchema(z.union(events), { io: 'input' }) };
}

/** Whether an event conforms to the published schema. The event of an item that was edited by hand might not. */
export function followsSchema({ type, detail }: KeyEvent): boolean {
  return details[type].safeParse(detail).success;
}
