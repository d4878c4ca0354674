import { keyResultTooLarge } from '../../gateway/result-size.ts';
import { KeyEndedError, KeyNotFoundError, VersionConflictError } from '../errors.ts';
import { checkInput } from '../check-input.ts';
import { inputs } from '../input.ts';
import { lifetimeError } from '../lifetime.ts';
import { viewOf, type KeyView } from '../view.ts';
import { existingKey } from './get.ts';
import type { Operation } from './operation.ts';
import { refuseLargeResult } from './result-size.ts';
import { adviceFor } from './successor.ts';

/** Changes a key's name, scopes, metadata, limits, restrictions or times. The secret never changes. */
export const update: Operation<KeyView> = async (context, input) => {
  const time = context.now();
  const { prefix, version, expires, ...changes } = checkInput(inputs.update(time, context.settings), input);
  const existing = await existingKey(context, prefix);
  const { name, scopes, metadata } = changes;
  // An old key can be over the bound for the longest stage name and still work. It can get a new name.
  const renames = name !== undefined && keyResultTooLarge(existing, context.settings) === undefined;
  if (renames || scopes !== undefined || metadata !== undefined)
    refuseLargeResult(
      {
        ...existing,
        name: name ?? existing.name,
        scopes: scopes ?? existing.scopes,
        metadata: metadata ?? existing.metadata,
      },
      context.settings,
    );
  const outcome = await context.keys.update(prefix, { ...changes, expiresAt: expires }, version);
  switch (outcome.outcome) {
    case 'updated':
      return viewOf(outcome.record, time);
    case 'not_found':
      throw new KeyNotFoundError(prefix);
    case 'revoked':
      throw new KeyEndedError('revoked', `the key ${prefix} is revoked, and that is final`);
    case 'replaced': {
      const { replacedBy = prefix } = outcome.record;
      const advice = await adviceFor(replacedBy, context, time, 'change');
      throw new KeyEndedError('replaced', `the key ${prefix} was rotated, which fixed its expiry; ${advice}`);
    }
    case 'never_valid':
      throw lifetimeError(expires === undefined ? 'notBefore' : 'expires', outcome.record);
    case 'version_conflict':
      throw new VersionConflictError(prefix, outcome.record.version);
  }
};
