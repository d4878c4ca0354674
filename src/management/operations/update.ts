import * as z from 'zod';
import type { KeyRecord, Metadata } from '../../core/keys/record.ts';
import { keyResultTooLarge } from '../../gateway/result-size.ts';
import type { ManagementSettings } from '../../gateway/settings.ts';
import { checkInput } from '../check-input.ts';
import { KeyEndedError, KeyNotFoundError, VersionConflictError } from '../errors.ts';
import { inputs } from '../input.ts';
import { keyFields } from '../key-rules.ts';
import { lifetimeError } from '../lifetime.ts';
import { viewOf, type KeyView } from '../view.ts';
import { existingKey } from './get.ts';
import type { Operation } from './operation.ts';
import { refuseLargeResult } from './result-size.ts';
import { adviceFor } from './successor.ts';

/** The maximum number of attempts to merge metadata. A concurrent change by another writer causes another attempt. */
const MAX_ATTEMPTS = 5;

/**
 * Changes the given fields of a key. The key itself never changes.
 *
 * Merged metadata depends on the stored metadata, so it is written only if the record has not changed since it was read.
 */
export const update: Operation<KeyView> = async (context, input) => {
  const { settings, keys } = context;
  const time = context.now();
  const {
    prefix,
    version,
    expires,
    metadata: change,
    replaceMetadata = false,
    ...changes
  } = checkInput(inputs.update(time, settings), input);
  const { name, scopes } = changes;
  const merges = change !== undefined && change !== null && !replaceMetadata;

  for (let attempt = 1; ; attempt++) {
    const existing = await existingKey(context, prefix);
    const metadata =
      change === undefined
        ? undefined
        : checkedMetadata(merges ? { ...existing.metadata, ...change } : { ...change }, settings);
    checkResultSize(existing, { name, scopes, metadata }, settings);
    const expected = version ?? (merges ? existing.version : undefined);
    const outcome = await keys.update(prefix, { ...changes, metadata, expiresAt: expires }, expected);
    switch (outcome.outcome) {
      case 'updated':
        return viewOf(outcome.record, time);
      case 'not_found':
        throw new KeyNotFoundError(prefix);
      case 'revoked':
        throw new KeyEndedError('revoked', `the key ${prefix} is revoked, which is final; create a new one`);
      case 'replaced': {
        const { replacedBy = prefix } = outcome.record;
        const advice = await adviceFor(replacedBy, context, time, 'change');
        throw new KeyEndedError('replaced', `the key ${prefix} was rotated, which fixed its expiry; ${advice}`);
      }
      case 'never_valid':
        throw lifetimeError(expires === undefined ? 'notBefore' : 'expires', outcome.record);
      case 'version_conflict':
        if (version !== undefined || attempt === MAX_ATTEMPTS)
          throw new VersionConflictError(prefix, outcome.record.version);
    }
  }
};

/** @throws {InvalidInputError} naming each field that the deployment does not accept */
function checkedMetadata(
  fields: Readonly<Record<string, unknown>>,
  { attributes }: Pick<ManagementSettings, 'attributes'>,
): Metadata {
  const metadata = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
  return checkInput(z.object({ metadata: keyFields.metadata(attributes) }), { metadata }).metadata;
}

/** @throws {InvalidInputError} if the change would make the authorizer's result too large for API Gateway */
function checkResultSize(
  existing: KeyRecord,
  { name = existing.name, scopes, metadata }: Partial<Pick<KeyRecord, 'name' | 'scopes' | 'metadata'>>,
  settings: ManagementSettings,
): void {
  // An old key can exceed the limit for the longest stage name and still work. It can be renamed.
  const renames = name !== existing.name && keyResultTooLarge(existing, settings) === undefined;
  if (!renames && scopes === undefined && metadata === undefined) return;
  refuseLargeResult(
    { ...existing, name, scopes: scopes ?? existing.scopes, metadata: metadata ?? existing.metadata },
    settings,
  );
}
