import { KeyEndedError, KeyNotFoundError, VersionConflictError } from '../errors.ts';
import { checkInput, inputs } from '../input.ts';
import { lifeSpanError } from '../life-span.ts';
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
  // A key that is too large already can still be changed in everything that does not make it so.
  const { name, scopes, metadata } = changes;
  if (name !== undefined || scopes !== undefined || metadata !== undefined)
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
      throw lifeSpanError(expires === undefined ? 'notBefore' : 'expires', outcome.record);
    case 'version_conflict':
      throw new VersionConflictError(prefix, outcome.record.version);
  }
};
