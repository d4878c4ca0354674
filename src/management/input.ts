import { isIP } from 'node:net';
import * as z from 'zod';
import { inputNames, KEY_FIELDS, type FieldsWith, type InputName } from '../core/keys/key-fields.ts';
import { KEY_STATUSES, RECORD_SIZE_LIMITS } from '../core/keys/record.ts';
import { isStageName } from '../core/restrictions/restrictions.ts';
import { DURATION_ACCEPTS, LATEST, parseDuration } from './expiry.ts';
import {
  idempotencyToken,
  keyFields,
  metadataChange,
  prefix,
  settableFields,
  text,
  type FieldSettings,
} from './key-rules.ts';
import { startsBeforeExpiry, STARTS_TOO_LATE } from './lifetime.ts';
import { OPERATIONS, type OperationName } from './operations.ts';

/** The maximum number of keys in one import or export. At 4 KB each, they stay below Lambda's limit of 6 MB. */
const MAX_BATCH = 500;

/** The maximum number of keys on one page of a list, which is what DynamoDB reads in one batch. */
export const MAX_PAGE = 100;

/** The maximum number of days in one response. */
const MAX_USAGE_DAYS = 93;

const day = z.iso
  // With `abort`, an invalid date causes no second fault about the range.
  .date({ error: 'not a date', abort: true })
  .describe(`a date in UTC such as "2027-01-31", with at most ${String(MAX_USAGE_DAYS)} days from "from" to "to"`);

const daysBetween = (from: string, to: string) => (Date.parse(to) - Date.parse(from)) / (24 * 3_600_000);

const by = text
  .trim()
  .min(1)
  .max(RECORD_SIZE_LIMITS.suspendedByCharacters)
  // The principal of an HTTP request is an ARN, or an issuer and subject. A claimed name must not look like one.
  .refine((name) => !/^arn:|#/i.test(name), 'looks like an IAM ARN or the subject of a token')
  .describe(
    `the name of the person or system that makes the change: a string of 1 to ${String(RECORD_SIZE_LIMITS.suspendedByCharacters)} characters`,
  );

export const CURSOR_ACCEPTS = 'the cursor of the previous page of the same query';
const cursor = z.string().min(1).max(2048).describe(CURSOR_ACCEPTS);

const keyText = text.min(1).max(1024).describe('a key');

/** How long the old key of a rotation keeps working. */
const overlap = (now: number) =>
  z
    .string()
    .transform((text, context) => {
      const duration = parseDuration(text);
      if (duration === undefined) context.addIssue({ code: 'custom', message: 'not a duration' });
      else if (now + duration > LATEST) context.addIssue({ code: 'custom', message: 'ends after the year 9999' });
      else return duration;
      return z.NEVER;
    })
    .describe(`${DURATION_ACCEPTS}: how long the old key keeps working`);

type SettableSchemas = ReturnType<typeof settableFields>;
type Updatable = InputName<FieldsWith<{ readonly updatable: true }>>;
type Removable = InputName<FieldsWith<{ readonly removable: true }>>;
type UpdateShape = {
  [Name in Updatable]: z.ZodOptional<
    Name extends Removable ? z.ZodNullable<SettableSchemas[Name]> : SettableSchemas[Name]
  >;
};

/** Returns the schemas of the fields that an update can change. `null` removes optional fields. */
function updateShape(now: number, settings: FieldSettings): UpdateShape {
  const schemas: Readonly<Record<Updatable, z.ZodType>> = settableFields(now, settings);
  const removable = inputNames({ removable: true });
  const shape = inputNames({ updatable: true }).map((name) => {
    const schema = schemas[name];
    return [name, removable.some((other) => other === name) ? schema.nullable().optional() : schema.optional()];
  });
  // The entries are those of `UpdateShape`, one for each name.
  return Object.fromEntries(shape) as UpdateShape;
}

const flush = z
  .boolean()
  .default(true)
  .describe('whether to flush the authorizer caches; `false` leaves that to a later call');

/** The input schemas of the operations, except those below. Unknown fields are rejected. */
export const inputs = {
  create: (now: number, settings: FieldSettings) => {
    const fields = settableFields(now, settings);
    return z
      .strictObject({
        ...z.object(fields).partial().shape,
        name: fields.name,
        scopes: fields.scopes.default([]),
        // The deployment's attributes can require fields, so metadata that is left out is checked, too.
        metadata: fields.metadata.prefault({}),
        idempotencyToken: idempotencyToken.optional(),
      })
      .refine(startsBeforeExpiry, { path: ['notBefore'], message: STARTS_TOO_LATE });
  },
  usage: (today: string) =>
    z
      .strictObject({ prefix, from: day.optional(), to: day.default(today) })
      .refine(({ from, to }) => from === undefined || daysBetween(from, to) >= 0, {
        path: ['from'],
        message: 'later than "to"',
      })
      .refine(({ from, to }) => from === undefined || daysBetween(from, to) < MAX_USAGE_DAYS, {
        path: ['from'],
        message: `over ${String(MAX_USAGE_DAYS)} days with "to"`,
      }),
  list: () =>
    z.strictObject({
      ownerId: keyFields.ownerId.optional(),
      name: text
        .min(1)
        .max(KEY_FIELDS.name.maxCharacters)
        .optional()
        .describe('the start of a name, in upper or lower case'),
      status: z
        .enum(KEY_STATUSES)
        .optional()
        .describe(`one of ${KEY_STATUSES.join(', ')}`),
      limit: z.coerce
        .number()
        .int()
        .min(1)
        .max(MAX_PAGE)
        .default(50)
        .describe(`a whole number from 1 to ${String(MAX_PAGE)}`),
      cursor: cursor.optional(),
    }),
  update: (now: number, settings: FieldSettings) =>
    z
      .strictObject({
        prefix,
        ...updateShape(now, settings),
        metadata: metadataChange.nullable().optional(),
        replaceMetadata: z
          .boolean()
          .optional()
          .describe('true to replace all metadata, instead of merging the given fields into it'),
        version: z
          .number()
          .int()
          .positive()
          .optional()
          .describe('the version that you have read: the update is rejected if there is a newer one'),
      })
      .refine(
        ({ prefix: _prefix, version: _version, replaceMetadata: _option, ...changes }) =>
          Object.keys(changes).length > 0,
        `nothing to change; give at least one of ${inputNames({ updatable: true }).join(', ')}`,
      )
      .refine(({ replaceMetadata, metadata }) => replaceMetadata !== true || metadata !== undefined, {
        path: ['replaceMetadata'],
        message: 'requires metadata',
      })
      .refine(startsBeforeExpiry, { path: ['notBefore'], message: STARTS_TOO_LATE }),
  rotate: (now: number, { attributes }: Pick<FieldSettings, 'attributes'>) =>
    z.strictObject({
      prefix,
      overlap: overlap(now).default(0),
      expires: keyFields.expires(now).nullable().optional(),
      metadata: keyFields.metadata(attributes).optional(),
      idempotencyToken: idempotencyToken.optional(),
      force: z
        .boolean()
        .default(false)
        .describe('whether to rotate a key that a secret manages, although the secret keeps the old key'),
    }),
  revoke: () =>
    z.strictObject({
      prefix,
      reason: keyFields.reason.optional(),
      flush,
    }),
  disable: () => z.strictObject({ prefix, reason: keyFields.reason.optional(), by: by.optional(), flush }),
  verify: () =>
    z.strictObject({
      key: keyText,
      route: text
        .regex(/^(?:[A-Z]+ \/\S*|\$connect)$/, 'not a method and a path')
        .max(1600)
        .optional()
        .describe('a call to check the scopes against, such as "GET /orders/1"'),
      sourceIp: z
        .string()
        .refine((text) => isIP(text) > 0, 'not an IP address')
        .optional()
        .describe('an IP address to check the restrictions against'),
      origin: text
        .max(512)
        .optional()
        .describe('an origin to check the restrictions against, such as "https://app.example.com"'),
      stage: z
        .string()
        .refine(isStageName, 'not a stage name')
        .optional()
        .describe('a stage to check the restrictions against'),
    }),
  owner: () => z.strictObject({ ownerId: keyFields.ownerId }),
  suspend: () => z.strictObject({ ownerId: keyFields.ownerId, reason: keyFields.reason.optional(), by: by.optional() }),
  resume: () => z.strictObject({ ownerId: keyFields.ownerId, by: by.optional() }),
  import: () =>
    z.strictObject({
      // Each record is checked separately, so that an invalid one does not reject the others.
      records: z
        .array(z.unknown())
        .min(1)
        .max(MAX_BATCH)
        .describe(`an array of 1 to ${String(MAX_BATCH)} keys in the format of an export`),
      dryRun: z.boolean().default(false).describe('whether to report the result for each record without writing'),
      includeUnusable: z
        .boolean()
        .default(false)
        .describe(
          'whether to import keys that this deployment would reject, such as those on a plan that is not configured',
        ),
    }),
  export: () =>
    z.strictObject({
      limit: z
        .number()
        .int()
        .min(1)
        .max(MAX_BATCH)
        .default(MAX_BATCH)
        .describe(`a whole number from 1 to ${String(MAX_BATCH)}`),
      cursor: cursor.optional(),
    }),
};

/** The input schema of an operation on a key, without further fields. */
export const prefixInput = z.strictObject({ prefix });

/** The input schema of an operation without fields. */
export const noInput = z.strictObject({});

/** Returns the input schema of any operation. An operation itself uses its schema directly, so that its bundle has no other. */
export function inputSchemaOf(operation: OperationName, now: number, settings: FieldSettings): z.ZodObject {
  if (operation === 'usage') return inputs.usage(new Date(now).toISOString().slice(0, 10));
  if (operation in inputs) return inputs[operation as Exclude<keyof typeof inputs, 'usage'>](now, settings);
  return OPERATIONS[operation].fields.length === 0 ? noInput : prefixInput;
}
