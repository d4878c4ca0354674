import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { fieldsWith } from '../../core/keys/key-fields.ts';
import { statusOf, type KeyRecord, type Metadata } from '../../core/keys/record.ts';
import type { ManagementSettings } from '../../gateway/settings.ts';
import { InvalidInputError, KeyDisabledError, KeyEndedError, KeyManagedError } from '../errors.ts';
import { checkInput } from '../check-input.ts';
import { inputs } from '../input.ts';
import { keyFields } from '../key-rules.ts';
import { startsBeforeExpiry, lifetimeError } from '../lifetime.ts';
import type { FlushTime } from './flushing.ts';
import { existingKey } from './get.ts';
import { issueKey, shownBefore, shownOnce, wasIssuedBy, type IssuedKey } from './issue-key.ts';
import type { Operation, OperationContext } from './operation.ts';
import { refuseLargeResult } from './result-size.ts';
import { adviceFor } from './successor.ts';

/** The maximum number of attempts to write. A concurrent change by another writer causes another attempt. */
const MAX_ATTEMPTS = 5;

/**
 * Replaces a key with a new one that has the same name, owner, scopes, metadata, limits and restrictions. The old key
 * works for the overlap, then stops working. The new key expires when the old one would have, unless `expires` is given,
 * because a rotation must not extend access.
 *
 * `metadata` replaces the old key's metadata. It is required if the old key's metadata does not match the deployment's
 * attributes, because the API behind the authorizer must be able to read that of the new key. Changed metadata is rejected
 * if it could make the authorizer's result too large for API Gateway. A key that a secret manages is only rotated with
 * `force`. Otherwise a key that works can always be rotated.
 */
export const rotate: Operation<IssuedKey> = async (context, input) => {
  const { settings, keys, now, randomBytes } = context;
  const time = now();
  const given = checkInput(inputs.rotate(time, settings), input);
  const { prefix, overlap, expires, idempotencyToken, force } = given;

  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const old = await existingKey(context, prefix);
    if (old.replacedBy !== undefined && idempotencyToken !== undefined) {
      // The key was replaced either by an earlier attempt of this call or by another call.
      const successor = await keys.get(old.replacedBy, { consistent: true });
      if (successor && wasIssuedBy(successor, idempotencyToken, input)) return shownBefore(successor, time);
    }
    await refuseEnded(old, context, time);
    if (old.secretName !== undefined && !force) throw new KeyManagedError(prefix, old.secretName);

    const { notBefore, countsAs = prefix } = old;
    const metadata = given.metadata ?? fittingMetadata(old, settings.attributes);
    // An old key can exceed the limit for the longest stage name and still work. It can be rotated with the same metadata.
    if (!isDeepStrictEqual(metadata, old.metadata)) refuseLargeResult({ ...old, metadata }, settings);
    if (!startsBeforeExpiry({ notBefore, expires })) throw lifetimeError('expires', old);
    const expiresAt = expires === undefined ? old.expiresAt : (expires ?? undefined);
    const endsAt = Math.min(time + overlap, old.expiresAt ?? Infinity);
    const issue = await issueKey(
      {
        label: settings.label,
        randomBytes,
        idempotencyToken,
        input,
        fields: { ...copiedFields(old), metadata, countsAs, createdAt: time, expiresAt, rotatedFrom: prefix },
      },
      (successor) => keys.rotate(old, successor, endsAt),
    );
    if (issue.outcome === 'replayed') return shownBefore(issue.record, time);
    if (issue.outcome === 'issued') return shownOnce(issue.key, issue.record, time);
  }
  throw new Error(`other callers keep changing the key ${prefix}; try again`);
};

const COPIED_FIELDS = fieldsWith({ copiedByRotation: true });

function copiedFields(old: KeyRecord): Pick<KeyRecord, (typeof COPIED_FIELDS)[number]> {
  // There is one entry for each name of the type.
  return Object.fromEntries(COPIED_FIELDS.map((name) => [name, old[name]])) as unknown as ReturnType<
    typeof copiedFields
  >;
}

/** Returns when to flush the caches after a rotation: now, unless the old key keeps working for an overlap. */
export function flushTimeOfRotation(input: unknown): FlushTime {
  return checkInput(inputs.rotate(0, { attributes: undefined }), input).overlap === 0 ? 'now' : 'never';
}

/**
 * Returns the old key's metadata.
 *
 * @throws {InvalidInputError} naming each field that does not match the deployment's attributes
 */
function fittingMetadata({ metadata }: KeyRecord, attributes: ManagementSettings['attributes']): Metadata {
  if (attributes === undefined) return metadata;
  try {
    checkInput(z.object({ metadata: keyFields.metadata(attributes) }), { metadata });
    return metadata;
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    throw new InvalidInputError(
      error.faults.map((fault) => ({
        ...fault,
        message: `${fault.message}, in the metadata of the key to rotate; give metadata for the new key`,
      })),
    );
  }
}

async function refuseEnded(old: KeyRecord, context: OperationContext, now: number): Promise<void> {
  if (old.replacedBy !== undefined) {
    const advice = await adviceFor(old.replacedBy, context, now, 'rotate');
    throw new KeyEndedError('replaced', `the key ${old.prefix} was rotated before; ${advice}`);
  }
  const status = statusOf(old, now);
  if (status === 'disabled') throw new KeyDisabledError(old.prefix);
  if (status !== 'active') throw new KeyEndedError(status, `the key ${old.prefix} is ${status}; create a new one`);
}
