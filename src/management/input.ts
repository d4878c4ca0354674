import { isIP } from 'node:net';
import { z } from 'zod';
import { inputNames, type FieldsWith, type InputName, type SettableField } from '../core/keys/key-fields.ts';
import { isKeyId } from '../core/keys/key-id.ts';
import {
  BURST_ACCEPTS,
  isBurst,
  parseQuota,
  parseRate,
  QUOTA_ACCEPTS,
  RATE_ACCEPTS,
  type Plans,
} from '../core/limits/limits.ts';
import { policyTooLarge } from '../core/scopes/policy.ts';
import { KEY_STATUSES, LIMITS } from '../core/keys/record.ts';
import { attributesAccept, attributesSchema } from './attributes.ts';
import {
  isOrigin,
  isSourceIp,
  isStageName,
  MAX_RESTRICTION_ENTRIES,
  ORIGIN_ACCEPTS,
  SOURCE_IP_ACCEPTS,
  STAGE_ACCEPTS,
  unenforced,
  type EnforcedRestriction,
} from '../core/restrictions/restrictions.ts';
import { isNamedScope, parseScope, SCOPE_ACCEPTS } from '../core/scopes/scope.ts';
import type { ManagementSettings } from '../gateway/settings.ts';
import { InvalidInputError, type InputFault } from './errors.ts';
import { DURATION_ACCEPTS, INSTANT_ACCEPTS, LATEST, parseDuration, parseInstant } from './expiry.ts';
import { faultMessage } from './fault-message.ts';
import { beginsBeforeItEnds, BEGINS_TOO_LATE } from './life-span.ts';

/** The most keys that one import takes and one export answers: at 4 KB each they stay under Lambda's 6 MB. */
const MAX_BATCH = 500;

/** The most keys that one page of a list holds; as many as DynamoDB reads in one batch. */
export const MAX_PAGE = 100;

const utf8Bytes = (text: string) => Buffer.byteLength(text);

/** A string without lone surrogates: half a character has no UTF-8 form, so it could not be stored as it was given. */
export const text = z
  .string()
  .refine((value) => value.isWellFormed(), 'contains half of a character (a lone surrogate)');

const prefix = z
  .string()
  .refine(isKeyId, 'not a key prefix')
  .describe('the 12 letters and digits after the label of a key, or the id of an imported key');

const name = text
  .trim()
  .min(1)
  .max(LIMITS.nameCharacters)
  .describe(`a text of 1 to ${String(LIMITS.nameCharacters)} characters`);

const ownerId = z
  .string()
  .regex(/^[\x21-\x7e]+$/, 'not printable ASCII without spaces')
  .max(LIMITS.ownerIdCharacters)
  .describe(
    `your own id of the key's owner: 1 to ${String(LIMITS.ownerIdCharacters)} printable ASCII characters, no spaces`,
  );

const scopes = z
  .array(z.string().refine((text) => isNamedScope(text) || parseScope(text) !== undefined, 'not a scope'))
  .transform((list) => [...new Set(list)])
  .refine(
    (list) => utf8Bytes(list.join(',')) <= LIMITS.scopesBytes,
    `too long: over ${String(LIMITS.scopesBytes)} bytes in all`,
  )
  .superRefine((list, context) => {
    const problem = policyTooLarge(list);
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
  })
  .describe(`a list of ${SCOPE_ACCEPTS}`);

/** Numbers that come back as they were: beyond 2^53 they would not, and the smallest that DynamoDB knows is 1e-130. */
function isStorable(value: number): boolean {
  const size = Math.abs(value);
  return size <= Number.MAX_SAFE_INTEGER && (size === 0 || size >= 1e-130);
}
const NOT_STORABLE = `numbers are at most ${String(Number.MAX_SAFE_INTEGER)}, and not smaller than 1e-130`;

const anyMetadata = z
  .record(
    z
      .string()
      .regex(/^[A-Za-z][A-Za-z0-9_]{0,63}$/, 'field names are letters, digits and underscores, starting with a letter'),
    z.union([text, z.number().refine(isStorable, NOT_STORABLE), z.boolean()], {
      error: 'values are texts, numbers or booleans',
    }),
  )
  .refine(
    (fields) => Object.keys(fields).length <= LIMITS.metadataFields,
    `over ${String(LIMITS.metadataFields)} fields`,
  )
  .refine(
    (fields) => utf8Bytes(JSON.stringify(fields)) <= LIMITS.metadataBytes,
    `over ${String(LIMITS.metadataBytes)} bytes as JSON`,
  )
  .describe(
    `a flat object of at most ${String(LIMITS.metadataFields)} fields and ${String(LIMITS.metadataBytes)} bytes, its values texts, numbers or booleans`,
  );

const limits = z
  .strictObject({
    rate: z
      .string()
      .refine((text) => parseRate(text) !== undefined, 'not a rate')
      .describe(RATE_ACCEPTS)
      .optional(),
    burst: z.number().refine(isBurst, 'not a burst').describe(BURST_ACCEPTS).optional(),
    quota: z
      .string()
      .refine((text) => parseQuota(text) !== undefined, 'not a quota')
      .describe(QUOTA_ACCEPTS)
      .optional(),
  })
  .refine(({ rate, burst }) => burst === undefined || rate !== undefined, {
    path: ['burst'],
    message: 'a burst without a rate',
  })
  .refine((given) => Object.keys(given).length > 0, 'no limit in it; null removes them all')
  .describe(`an object with any of rate: ${RATE_ACCEPTS}; burst: ${BURST_ACCEPTS}; quota: ${QUOTA_ACCEPTS}`);

/** Within the bounds of any metadata, before and after a schema has put in what it has by default. */
const metadata = (attributes: ManagementSettings['attributes']) =>
  attributes === undefined
    ? anyMetadata
    : anyMetadata.pipe(attributesSchema(attributes)).pipe(anyMetadata).describe(attributesAccept(attributes));

/** The plans are the construct's, so the schemas below are made per call. */
const plan = (plans: Plans) => {
  const names = Object.keys(plans);
  return z
    .string()
    .refine((name) => names.includes(name), 'not a plan')
    .describe(names.length === 0 ? 'none: no plans are configured' : `one of ${names.join(', ')}`);
};

/** With an entry at fault, whether the deployment holds the restriction is not asked: one thing at a time. */
const listOf = (is: (text: string) => boolean, fault: string, accepts: string) =>
  z
    .array(z.string().refine(is, { error: fault, abort: true }).describe(accepts))
    .min(1, 'empty: a key that works nowhere; leave it out for no restriction')
    .max(MAX_RESTRICTION_ENTRIES)
    .describe(`a list of 1 to ${String(MAX_RESTRICTION_ENTRIES)}, each ${accepts}`);

/** Which restrictions a deployment holds is the construct's to say, so the schemas below are made per call. */
const restrictions = (enforced: readonly EnforcedRestriction[]) =>
  z
    .strictObject({
      sourceIps: listOf(isSourceIp, 'not an IP address or range', SOURCE_IP_ACCEPTS).optional(),
      origins: listOf(isOrigin, 'not an origin', ORIGIN_ACCEPTS).optional(),
      stages: listOf(isStageName, "not a stage's name", STAGE_ACCEPTS).optional(),
    })
    .refine((given) => Object.keys(given).length > 0, 'no restriction in it; null removes them all')
    .refine(
      (given) => utf8Bytes(JSON.stringify(given)) <= LIMITS.restrictionsBytes,
      `over ${String(LIMITS.restrictionsBytes)} bytes as JSON`,
    )
    .superRefine((given, context) => {
      const kind = unenforced(given, enforced);
      if (kind === undefined) return;
      context.addIssue({
        code: 'custom',
        path: [kind === 'sourceIp' ? 'sourceIps' : 'origins'],
        message: `this deployment does not enforce it: a key so restricted would be let in nowhere. Add '${kind}' to restrictions of the construct ApiKeys`,
      });
    })
    .describe(
      `an object with any of sourceIps: ${SOURCE_IP_ACCEPTS}; origins: ${ORIGIN_ACCEPTS}; stages: ${STAGE_ACCEPTS}; each a list of 1 to ${String(MAX_RESTRICTION_ENTRIES)}, together at most ${String(LIMITS.restrictionsBytes)} bytes`,
    );

/** The most days that are told of at once. */
const MAX_USAGE_DAYS = 93;

const day = z.iso
  // What is no day is neither too late nor too long ago.
  .date({ error: 'not a day', abort: true })
  .describe(`a day in UTC such as "2027-01-31", from "from" to "to" at most ${String(MAX_USAGE_DAYS)} days`);

const daysBetween = (from: string, to: string) => (Date.parse(to) - Date.parse(from)) / (24 * 3_600_000);

const idempotencyToken = text
  .min(1)
  .max(256)
  .describe('1 to 256 characters that name this one request, such as a UUID');

/** Why a key was revoked, or an owner suspended. */
const reason = text
  .trim()
  .min(1)
  .max(LIMITS.reasonCharacters)
  .describe(`why, a text of 1 to ${String(LIMITS.reasonCharacters)} characters`);

const by = text
  .trim()
  .min(1)
  .max(LIMITS.suspendedByCharacters)
  // An ARN, or an issuer and subject, is the principal of an HTTP request: a name that is only claimed must not look like one.
  .refine((name) => !/^arn:|#/i.test(name), 'looks like an IAM ARN or the subject of a token')
  .describe(`who does this, a text of 1 to ${String(LIMITS.suspendedByCharacters)} characters`);

const cursor = z.string().min(1).max(2048).describe('the cursor of the page before, from the same query');

/** What the fields of a key may hold, wherever they come from. */
export const keyFields = { name, ownerId, scopes, metadata, plan, limits, restrictions, reason };

/** What a deployment's settings say of its keys' fields. */
export type FieldSettings = Pick<ManagementSettings, 'plans' | 'attributes' | 'restrictions'>;

const keyText = text.min(1).max(1024).describe('a key');

/** An expiry in the future, as an instant. Needs the time, so the schemas below are made per call. */
const expires = (now: number) =>
  z
    .string()
    .transform((text, context) => {
      const instant = parseInstant(text, now);
      if (instant === undefined) context.addIssue({ code: 'custom', message: 'neither a duration nor an ISO date' });
      else if (instant <= now) context.addIssue({ code: 'custom', message: 'not in the future' });
      else return instant;
      return z.NEVER;
    })
    .describe(`${INSTANT_ACCEPTS}; in the future`);

/** The start of a key's life, as an instant; one that has passed is as good as none. */
const notBefore = (now: number) =>
  z
    .string()
    .transform((text, context) => {
      const instant = parseInstant(text, now);
      if (instant !== undefined) return instant;
      context.addIssue({ code: 'custom', message: 'neither a duration nor an ISO date' });
      return z.NEVER;
    })
    .describe(INSTANT_ACCEPTS);

/** Needs the time, as the above: what ends after all time there is could not be stored. */
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
    .describe(`${DURATION_ACCEPTS}: how long the old key goes on working`);

/** The rules for the fields that an input can set, by their names in the inputs. */
const settableFields = (now: number, { plans, attributes, restrictions: enforced }: FieldSettings) =>
  ({
    name,
    ownerId,
    scopes,
    metadata: metadata(attributes),
    plan: plan(plans),
    limits,
    restrictions: restrictions(enforced),
    notBefore: notBefore(now),
    expires: expires(now),
  }) satisfies Record<InputName<SettableField>, z.ZodType>;

type SettableSchemas = ReturnType<typeof settableFields>;
type Updatable = InputName<FieldsWith<{ readonly updatable: true }>>;
type Removable = InputName<FieldsWith<{ readonly removable: true }>>;
type UpdateShape = {
  [Name in Updatable]: z.ZodOptional<
    Name extends Removable ? z.ZodNullable<SettableSchemas[Name]> : SettableSchemas[Name]
  >;
};

/** The fields that an update can change. `null` removes those that a key does not need. */
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

/** The input schemas of the operations. Unknown fields are rejected. */
export const inputs = {
  create: (now: number, settings: FieldSettings) => {
    const fields = settableFields(now, settings);
    return z
      .strictObject({
        ...z.object(fields).partial().shape,
        name,
        scopes: scopes.default([]),
        // A schema of attributes can require fields, so it also checks metadata that is left out.
        metadata: fields.metadata.prefault({}),
        idempotencyToken: idempotencyToken.optional(),
      })
      .refine(beginsBeforeItEnds, { path: ['notBefore'], message: BEGINS_TOO_LATE });
  },
  get: () => z.strictObject({ prefix }),
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
      ownerId: ownerId.optional(),
      name: text.min(1).max(LIMITS.nameCharacters).optional().describe('the beginning of a name, in any case'),
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
        version: z
          .number()
          .int()
          .positive()
          .optional()
          .describe('the version that you have read: the update is rejected if there is a newer one'),
      })
      .refine(
        ({ prefix: _prefix, version: _version, ...changes }) => Object.keys(changes).length > 0,
        `nothing to change; give at least one of ${inputNames({ updatable: true }).join(', ')}`,
      )
      .refine(beginsBeforeItEnds, { path: ['notBefore'], message: BEGINS_TOO_LATE }),
  rotate: (now: number, { attributes }: Pick<FieldSettings, 'attributes'>) =>
    z.strictObject({
      prefix,
      overlap: overlap(now).default(0),
      expires: expires(now).nullable().optional(),
      metadata: metadata(attributes).optional(),
      idempotencyToken: idempotencyToken.optional(),
    }),
  revoke: () =>
    z.strictObject({
      prefix,
      reason: reason.optional(),
      flush: z
        .boolean()
        .default(true)
        .describe('whether to flush the authorizer caches; `false` leaves that to a later revocation'),
    }),
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
        .refine(isStageName, "not a stage's name")
        .optional()
        .describe('a stage to check the restrictions against'),
    }),
  settings: () => z.strictObject({}),
  owner: () => z.strictObject({ ownerId }),
  suspend: () => z.strictObject({ ownerId, reason: reason.optional(), by: by.optional() }),
  resume: () => z.strictObject({ ownerId, by: by.optional() }),
  import: () =>
    z.strictObject({
      // Each is looked at by itself: one that cannot be carried does not keep the others back.
      records: z
        .array(z.unknown())
        .min(1)
        .max(MAX_BATCH)
        .describe(`a list of 1 to ${String(MAX_BATCH)} keys as an export writes them`),
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

/** Enough to put an input right by. Each says what is accepted, so those of a large input could outgrow what Lambda answers. */
const MAX_FAULTS = 20;

/** Of the path to a field, such as `limits.rate`. What lies deeper is refused by its type. */
const MAX_DEPTH = 4;

/**
 * Checks an input against a schema.
 *
 * @throws {InvalidInputError} naming the first fields that are wrong and what they accept. It never repeats a `key`.
 */
export function checkInput<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const prototypes = prototypeFields(input).slice(0, MAX_FAULTS);
  if (prototypes.length > 0) throw new InvalidInputError(prototypes);
  const result = schema.safeParse(input, { error: faultMessage });
  if (result.success) return result.data;
  const faults = result.error.issues.slice(0, MAX_FAULTS).flatMap((issue) => faultsOf(issue, schema));
  throw new InvalidInputError(faults.slice(0, MAX_FAULTS));
}

/**
 * The fields named `__proto__`. `JSON.parse` takes it for a name like any other, but to assign it sets an object's
 * prototype. Zod drops such a field silently, and so would code that copies fields by assignment.
 */
function prototypeFields(value: unknown, path: readonly string[] = []): InputFault[] {
  // Lists hold texts, or the records of an import, each of which is checked by itself.
  if (typeof value !== 'object' || value === null || Array.isArray(value) || path.length > MAX_DEPTH) return [];
  return Object.entries(value).flatMap(([name, part]) => {
    const field = [...path, name];
    return name === '__proto__'
      ? [{ field: field.join('.'), message: '"__proto__" is not a valid field name', accepted: 'any other name' }]
      : prototypeFields(part, field);
  });
}

function faultsOf(issue: z.core.$ZodIssue, schema: z.ZodType): InputFault[] {
  const accepted = acceptedAt(schema, issue.path);
  if (issue.code !== 'unrecognized_keys') return [{ field: issue.path.join('.'), message: issue.message, accepted }];
  return issue.keys.map((field) => ({
    field: [...issue.path, field].join('.'),
    message: 'unknown field',
    // Inside a field, what that field accepts.
    accepted:
      accepted ?? (schema instanceof z.ZodObject ? `the fields ${Object.keys(schema.shape).join(', ')}` : undefined),
  }));
}

/** What is accepted at a path: as the innermost type on it that says so has it. */
function acceptedAt(type: z.ZodType, path: readonly PropertyKey[]): string | undefined {
  // A description is on the type itself or, under `optional`, `nullable` and `default`, on what they wrap.
  if (
    type instanceof z.ZodOptional ||
    type instanceof z.ZodNullable ||
    type instanceof z.ZodDefault ||
    type instanceof z.ZodPrefault
  )
    return type.description ?? acceptedAt(type.unwrap() as z.ZodType, path);
  const [step, ...rest] = path;
  const inner = step === undefined ? undefined : innerOf(type, step);
  return (inner && acceptedAt(inner, rest)) ?? type.description;
}

function innerOf(type: z.ZodType, step: PropertyKey): z.ZodType | undefined {
  if (type instanceof z.ZodObject) return (type.shape as Partial<Record<PropertyKey, z.ZodType>>)[step];
  return type instanceof z.ZodArray ? (type.element as z.ZodType) : undefined;
}
