import * as z from 'zod';
import {
  fieldDefinition,
  fieldsWith,
  KEY_FIELDS,
  type FieldsWith,
  type InputName,
  type SettableField,
} from '../core/keys/key-fields.ts';
import { isKeyId } from '../core/keys/key-id.ts';
import { RECORD_SIZE_LIMITS } from '../core/keys/record.ts';
import {
  BURST_ACCEPTS,
  isBurst,
  parseQuota,
  parseRate,
  QUOTA_ACCEPTS,
  RATE_ACCEPTS,
  type Plans,
} from '../core/limits/limits.ts';
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
import { policyTooLarge } from '../core/scopes/policy.ts';
import { isNamedScope, parseScope, SCOPE_ACCEPTS } from '../core/scopes/scope.ts';
import type { ManagementSettings } from '../gateway/settings.ts';
import { attributesAccept, attributesSchema } from './attributes.ts';
import { INSTANT_ACCEPTS, parseInstant } from './expiry.ts';

// Rules that depend on the deployment's settings or on the time are functions, which each call evaluates.

const utf8Bytes = (text: string) => Buffer.byteLength(text);

/** A string without lone surrogates, which have no UTF-8 form and could not be stored unchanged. */
export const text = z
  .string()
  .refine((value) => value.isWellFormed(), 'contains half of a character (a lone surrogate)');

export const prefix = z
  .string()
  .refine(isKeyId, 'not a key prefix')
  .describe('the 12 letters and digits after the label of a key, or the ID of an imported key');

const plainText = (maxCharacters: number) =>
  text
    .trim()
    .min(1)
    .max(maxCharacters)
    .describe(`a string of 1 to ${String(maxCharacters)} characters`);

type PlainTextRules = Record<
  InputName<FieldsWith<{ type: 'text'; input: string; maxCharacters: number }>>,
  z.ZodString
>;

/** The rules that follow from the table of fields: any text, up to its maximum length. */
const plainTexts = Object.fromEntries(
  fieldsWith({ type: 'text' }).flatMap((name) => {
    const { input, maxCharacters } = fieldDefinition(name);
    return input === undefined || maxCharacters === undefined ? [] : [[input, plainText(maxCharacters)]];
  }),
  // The entries are those of the type, selected by the same properties.
) as PlainTextRules;

const ownerId = z
  .string()
  .regex(/^[\x21-\x7e]+$/, 'not printable ASCII without spaces')
  .max(KEY_FIELDS.ownerId.maxCharacters)
  .describe(
    `your ID of the key's owner: 1 to ${String(KEY_FIELDS.ownerId.maxCharacters)} printable ASCII characters without spaces`,
  );

const scopes = z
  .array(z.string().refine((text) => isNamedScope(text) || parseScope(text) !== undefined, 'not a scope'))
  .transform((list) => [...new Set(list)])
  .refine(
    (list) => utf8Bytes(list.join(',')) <= RECORD_SIZE_LIMITS.scopesBytes,
    `over ${String(RECORD_SIZE_LIMITS.scopesBytes)} bytes in total`,
  )
  .superRefine((list, context) => {
    const problem = policyTooLarge(list);
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
  })
  .describe(`an array of ${SCOPE_ACCEPTS}`);

/** Whether a number is stored exactly. Integers above 2^53 are rounded. DynamoDB's smallest positive number is 1e-130. */
function isStorable(value: number): boolean {
  const size = Math.abs(value);
  return size <= Number.MAX_SAFE_INTEGER && (size === 0 || size >= 1e-130);
}
const NOT_STORABLE = `numbers must be at most ${String(Number.MAX_SAFE_INTEGER)} and, except 0, at least 1e-130 in absolute value`;

const metadataField = z
  .string()
  .regex(
    /^[A-Za-z][A-Za-z0-9_]{0,63}$/,
    'field names must consist of letters, digits and underscores, and start with a letter',
  );
const metadataValue = z.union([text, z.number().refine(isStorable, NOT_STORABLE), z.boolean()], {
  error: 'values must be strings, numbers or booleans',
});

const anyMetadata = z
  .record(metadataField, metadataValue)
  .refine(
    (fields) => Object.keys(fields).length <= RECORD_SIZE_LIMITS.metadataFields,
    `over ${String(RECORD_SIZE_LIMITS.metadataFields)} fields`,
  )
  .refine(
    (fields) => utf8Bytes(JSON.stringify(fields)) <= RECORD_SIZE_LIMITS.metadataBytes,
    `over ${String(RECORD_SIZE_LIMITS.metadataBytes)} bytes as JSON`,
  )
  .describe(
    `an object of strings, numbers and booleans, with at most ${String(RECORD_SIZE_LIMITS.metadataFields)} fields and ${String(RECORD_SIZE_LIMITS.metadataBytes)} bytes`,
  );

/** A change of metadata. The merged metadata is checked separately. */
export const metadataChange = z
  .record(
    metadataField,
    z.union([...metadataValue.options, z.null()], { error: 'values must be strings, numbers, booleans or null' }),
  )
  .describe('an object of strings, numbers and booleans, which is merged into the metadata; null removes a field');

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
    message: 'requires a rate',
  })
  .refine((given) => Object.keys(given).length > 0, 'has no limits; use null to remove all limits')
  .describe(`an object with any of rate: ${RATE_ACCEPTS}; burst: ${BURST_ACCEPTS}; quota: ${QUOTA_ACCEPTS}`);

/** The limits on metadata apply both before and after the schema of attributes adds its defaults. */
const metadata = (attributes: ManagementSettings['attributes']) =>
  attributes === undefined
    ? anyMetadata
    : anyMetadata.pipe(attributesSchema(attributes)).pipe(anyMetadata).describe(attributesAccept(attributes));

const plan = (plans: Plans) => {
  const names = Object.keys(plans);
  return z
    .string()
    .refine((name) => names.includes(name), 'not a plan')
    .describe(names.length === 0 ? 'no value: the construct ApiKeys has no plans' : `one of ${names.join(', ')}`);
};

/** With `abort`, an invalid item causes no second fault about a restriction that the deployment does not enforce. */
const listOf = (is: (text: string) => boolean, fault: string, accepts: string) =>
  z
    .array(z.string().refine(is, { error: fault, abort: true }).describe(accepts))
    .min(1, 'empty, so the key would be rejected everywhere; leave it out for no restriction')
    .max(MAX_RESTRICTION_ENTRIES)
    .describe(`an array of 1 to ${String(MAX_RESTRICTION_ENTRIES)} items, each ${accepts}`);

const restrictions = (enforced: readonly EnforcedRestriction[]) =>
  z
    .strictObject({
      sourceIps: listOf(isSourceIp, 'not an IP address or range', SOURCE_IP_ACCEPTS).optional(),
      origins: listOf(isOrigin, 'not an origin', ORIGIN_ACCEPTS).optional(),
      stages: listOf(isStageName, "not a stage's name", STAGE_ACCEPTS).optional(),
    })
    .refine((given) => Object.keys(given).length > 0, 'has no restrictions; use null to remove all restrictions')
    .refine(
      (given) => utf8Bytes(JSON.stringify(given)) <= RECORD_SIZE_LIMITS.restrictionsBytes,
      `over ${String(RECORD_SIZE_LIMITS.restrictionsBytes)} bytes as JSON`,
    )
    .superRefine((given, context) => {
      const kind = unenforced(given, enforced);
      if (kind === undefined) return;
      context.addIssue({
        code: 'custom',
        path: [kind === 'sourceIp' ? 'sourceIps' : 'origins'],
        message: `this deployment does not enforce it, so the key would be rejected everywhere. Add '${kind}' to restrictions of the construct ApiKeys`,
      });
    })
    .describe(
      `an object with any of sourceIps: ${SOURCE_IP_ACCEPTS}; origins: ${ORIGIN_ACCEPTS}; stages: ${STAGE_ACCEPTS}; each an array of 1 to ${String(MAX_RESTRICTION_ENTRIES)} items, together at most ${String(RECORD_SIZE_LIMITS.restrictionsBytes)} bytes`,
    );

export const idempotencyToken = text
  .min(1)
  .max(256)
  .describe('1 to 256 characters that identify this request, such as a UUID');

/** The reason of a revocation or a suspension. */
const reason = plainText(RECORD_SIZE_LIMITS.reasonCharacters);

/** The deployment settings that the rules for fields depend on. */
export type FieldSettings = Pick<ManagementSettings, 'plans' | 'attributes' | 'restrictions'>;

/** An expiry, which must be in the future. */
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

/** The time from which a key is valid. A time in the past has no effect. */
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

/** Returns the rules for the fields that an input can set, by their names in the inputs. */
export const settableFields = (now: number, { plans, attributes, restrictions: enforced }: FieldSettings) =>
  ({
    ...plainTexts,
    ownerId,
    scopes,
    metadata: metadata(attributes),
    plan: plan(plans),
    limits,
    restrictions: restrictions(enforced),
    notBefore: notBefore(now),
    expires: expires(now),
  }) satisfies Record<InputName<SettableField>, z.ZodType>;

/** The rules for fields that apply to both new and stored keys. */
export const keyFields = { name: plainTexts.name, ownerId, scopes, metadata, limits, reason, expires };
