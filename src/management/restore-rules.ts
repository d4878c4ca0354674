import { limitsOf } from '../core/limits/limits.ts';
import { statusOf, type EpochMs, type KeyRecord } from '../core/keys/record.ts';
import { restrictionDenial } from '../core/restrictions/restrictions.ts';
import { isNamedScope, parseScope } from '../core/scopes/scope.ts';
import type { ManagementSettings } from '../gateway/settings.ts';
import { InvalidInputError } from './errors.ts';
import { checkInput } from './check-input.ts';
import { inputs } from './input.ts';
import { startsBeforeExpiry, STARTS_TOO_LATE } from './lifetime.ts';
import { refuseLargeResult } from './operations/result-size.ts';

/**
 * Returns why this deployment would reject every request with the key, or `undefined` if the key works, has expired or is
 * revoked. It uses the same functions as the authorizer, so it never reports a key that works where it was exported.
 */
export function unusableReason(
  record: KeyRecord,
  { plans, restrictions, importedFormats }: ManagementSettings,
  now: EpochMs,
): string | undefined {
  const status = statusOf(record, now);
  // A disabled key can be enabled later.
  if (status !== 'active' && status !== 'disabled') return undefined;
  const { plan, scopes, importedFrom, notBefore, expiresAt, replacedBy } = record;
  if (importedFrom !== undefined && !importedFormats.includes(importedFrom))
    return `this deployment does not accept ${importedFrom} keys; deploy it with importedFormats: ['${importedFrom}']`;
  if (limitsOf(record, plans) === undefined)
    return `plan: not a plan: ${JSON.stringify(plan)} is not configured; add it to plans of the construct ApiKeys`;
  const denial = record.restrictions && restrictionDenial(record.restrictions, {}, restrictions);
  if (denial === 'corrupt') return 'restrictions: the authorizer cannot read them';
  if (denial === 'unenforced')
    return 'restrictions: this deployment does not enforce them; add sourceIp or origin to restrictions of the construct ApiKeys';
  const unreadable = scopes.findIndex((text) => !isNamedScope(text) && parseScope(text) === undefined);
  const opensSomething = scopes.some((text) => parseScope(text) !== undefined);
  if (unreadable >= 0 && !opensSomething)
    return `scopes.${String(unreadable)}: not a scope, so the key allows no route`;
  // After a rotation, the old key can expire before it becomes valid.
  if (replacedBy !== undefined) return undefined;
  return startsBeforeExpiry({ notBefore, expires: expiresAt }) ? undefined : `notBefore: ${STARTS_TOO_LATE}`;
}

/**
 * Returns the rules for new keys that a stored key breaks, such as `metadata.region: missing`, or `undefined` if it breaks
 * none. The authorizer does not apply these rules, so the key still works, except on stages whose name is so long that API
 * Gateway rejects the authorizer's result.
 */
export function brokenRules(record: KeyRecord, settings: ManagementSettings, now: EpochMs): string | undefined {
  const { name, scopes, metadata, limits } = record;
  try {
    checkInput(inputs.create(now, settings), { name, scopes, metadata, ...(limits && { limits }) });
    refuseLargeResult(record, settings);
    return undefined;
  } catch (error) {
    if (error instanceof InvalidInputError) return error.message;
    throw error;
  }
}
