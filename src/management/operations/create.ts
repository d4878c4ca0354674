import { USAGE_IDENTIFIER_VERSION } from '../../core/limits/usage-identifier.ts';
import { checkInput } from '../check-input.ts';
import { inputs } from '../input.ts';
import { refuseLargeResult } from './result-size.ts';
import { issueKey, shownBefore, shownOnce, type IssuedKey } from './issue-key.ts';
import type { Operation } from './operation.ts';

/** Creates a key. */
export const create: Operation<IssuedKey> = async ({ settings, keys, now, randomBytes }, input) => {
  const time = now();
  const { expires, idempotencyToken, ...fields } = checkInput(inputs.create(time, settings), input);
  refuseLargeResult({ ...fields, label: settings.label }, settings);
  const issue = await issueKey(
    {
      label: settings.label,
      randomBytes,
      idempotencyToken,
      input,
      fields: { ...fields, usageId: USAGE_IDENTIFIER_VERSION, createdAt: time, expiresAt: expires },
    },
    (record) => keys.create(record),
  );
  return issue.outcome === 'replayed' ? shownBefore(issue.record, time) : shownOnce(issue.key, issue.record, time);
};
