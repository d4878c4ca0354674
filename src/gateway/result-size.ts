import { contextOf } from './context.ts';
import { limitsOf, type Plans } from '../core/limits/limits.ts';
import { allowPolicy, LONGEST_STAGE_ARN } from '../core/scopes/policy.ts';
import type { KeyRecord } from '../core/keys/record.ts';
import { USAGE_IDENTIFIER_VERSION, usageIdentifier } from '../core/limits/usage-identifier.ts';

/**
 * The maximum size of an authorizer's result (policy and context) that API Gateway accepts, in bytes.
 *
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
 */
const MAX_RESULT_BYTES = 8192;

/** Returns what is wrong with the size of an authorizer's result, or `undefined`. */
export function resultTooLarge(result: object): string | undefined {
  const bytes = Buffer.byteLength(JSON.stringify(result));
  if (bytes <= MAX_RESULT_BYTES) return undefined;
  return `the authorizer's result (policy and context) has ${String(bytes)} bytes, and API Gateway accepts ${String(MAX_RESULT_BYTES)}; use fewer or wider scopes, or less metadata and context`;
}

/** The fields of a key that the authorizer's result depends on. */
export type ResultFields = Pick<KeyRecord, 'label' | 'name' | 'ownerId' | 'scopes' | 'metadata' | 'plan' | 'limits'>;

/**
 * Returns why API Gateway would not accept the result for a key on some stage, or `undefined` if it accepts it on every
 * stage, however long the stage's name is.
 *
 * @param options.contextMetadata the metadata fields that the authorizer passes to the API. @default all
 */
export function keyResultTooLarge(
  fields: ResultFields,
  {
    plans,
    contextMetadata = Object.keys(fields.metadata),
  }: { plans: Plans; contextMetadata?: readonly string[] | undefined },
): string | undefined {
  // The longest id is that of an imported key.
  const prefix = `hash.${'x'.repeat(22)}`;
  const record = {
    ...fields,
    prefix,
    countsAs: prefix,
    usageId: USAGE_IDENTIFIER_VERSION,
    limits: limitsOf(fields, plans),
    digest: 'sha256$',
    createdAt: 0,
    version: 1,
  } as const;
  return resultTooLarge({
    principalId: prefix,
    policyDocument: allowPolicy(fields.scopes, LONGEST_STAGE_ARN, 'whole-stage'),
    context: contextOf(record, contextMetadata),
    usageIdentifierKey: usageIdentifier(record),
  });
}
