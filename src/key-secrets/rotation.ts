import type { RandomBytes } from '../core/keys/base62.ts';
import { digestOf } from '../core/keys/digest.ts';
import { newKey } from '../core/keys/key.ts';
import { statusOf, type EpochMs } from '../core/keys/record.ts';
import { USAGE_IDENTIFIER_VERSION } from '../core/limits/usage-identifier.ts';
import type { StoredKey } from '../storage/key-store.ts';
import { expiryOf, type SecretValue } from './secret-value.ts';

/**
 * The rotation of a key in Secrets Manager, as a pure state machine: each step reads the state and returns the writes that
 * are still missing. A repeated step returns no writes, because they are already done.
 *
 * ```
 * createSecret  store a new key as AWSPENDING                   the key does not work yet
 * setSecret     create its record, which expires in three days  both keys work
 * testSecret    (runs the authorizer's decision)
 * finishSecret  move AWSCURRENT to the new key                  consumers read the new key
 *               give the new key its final expiry
 *               let the old key expire after the overlap        only the new key works
 * ```
 *
 * The key is stored before its record exists, so it is never lost: after an interruption at any step, the next attempt reads
 * the key back. The old key changes only after AWSCURRENT has moved, so a rotation that fails or is abandoned does not affect
 * the current key. Until then the new key has a short expiry, so the key of an abandoned rotation soon stops working.
 *
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
 */

/** How long the new key of an unfinished rotation works, in milliseconds. */
export const CANDIDATE_LIFETIME_MS = 3 * 24 * 3_600_000;

/** The steps that Secrets Manager invokes, in this order. */
export const ROTATION_STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const;
export type RotationStep = (typeof ROTATION_STEPS)[number];

/** A version of the secret, with the record of its key. */
export interface SecretVersion {
  /** For a version that a rotation creates, its `ClientRequestToken`. */
  readonly id: string;
  /** `undefined` if the version has no value yet. */
  readonly value: SecretValue | undefined;
  /** `undefined` if no key has the prefix in the value. */
  readonly record: StoredKey | undefined;
}

/** The state that a step is planned from. */
export interface RotationState {
  /** The version that this rotation creates. */
  readonly target: SecretVersion;
  /** The version that has the staging label `AWSCURRENT`. After the rotation, this is the target. */
  readonly current: SecretVersion | undefined;
  /** The version that has the staging label `AWSPREVIOUS`. */
  readonly previous: SecretVersion | undefined;
  /** The id of the version that has the staging label `AWSPENDING`. */
  readonly pending: string | undefined;
}

/** The settings of a secret's keys, from the construct. */
export interface RotationSettings {
  /** How long the previous key works after a rotation, in seconds. */
  readonly overlapSeconds: number;
  /** How long a key works, in seconds. @default until it is rotated */
  readonly lifetimeSeconds?: number | undefined;
}

/** The fields of a key that is not the successor of another one. */
export type NewKeyFields = Pick<
  StoredKey,
  'name' | 'ownerId' | 'scopes' | 'metadata' | 'plan' | 'limits' | 'restrictions'
>;

export interface PlanInput extends RotationSettings {
  readonly label: string;
  /** The name of the secret, which the record of each key has. */
  readonly secretName: string;
  readonly endpoint?: string | undefined;
  readonly now: EpochMs;
  readonly randomBytes: RandomBytes;
  /** The fields of the first key of a secret. @default the new key has the fields of the current key, which it replaces */
  readonly first?: NewKeyFields | undefined;
}

/** A write. The actions of a plan run in order, each at most once. */
export type Action =
  /** Stores a value as AWSPENDING. Has no effect if the version has one. */
  | { readonly action: 'store_pending'; readonly value: SecretValue }
  | { readonly action: 'create_key'; readonly record: StoredKey }
  /** Sets when a key expires, if its record still has the same version. `null` removes the expiry. */
  | {
      readonly action: 'set_expiry';
      readonly record: StoredKey;
      readonly expiresAt: EpochMs | null;
      /** The prefix of the key that replaces it. */
      readonly replacedBy?: string;
    }
  | { readonly action: 'make_current'; readonly from: string | undefined }
  /** Removes AWSPENDING from the target: the rotation is finished. */
  | { readonly action: 'clear_pending' }
  /** Fails this rotation and removes AWSPENDING, so that Secrets Manager starts the next rotation with a new version. */
  | { readonly action: 'give_up'; readonly reason: RotationFault };

/** What to do when a secret has no key that can be rotated. */
export const ISSUE_ANEW = 'Increase `generation` of the KeySecret to issue a new key.';

/** The reason why a rotation can't continue. The code is stable and appears in alarms and events. */
export interface RotationFault {
  readonly code:
    | 'no_current_key'
    | 'current_key_missing'
    | 'current_key_revoked'
    | 'current_key_expired'
    | 'current_key_replaced'
    | 'no_pending_key'
    | 'pending_key_lost'
    | 'pending_key_rejected'
    | 'current_key_rejected'
    | 'rotation_overdue';
  readonly message: string;
}

/** Thrown if a rotation can't continue. The message can contain prefixes of keys, but never a key. */
export class RotationError extends Error {
  override readonly name = 'RotationError';
  readonly code: RotationFault['code'];

  constructor({ code, message }: RotationFault) {
    super(message);
    this.code = code;
  }
}

/**
 * Plans `createSecret`: a new key, unless the version has one. Also completes an interrupted earlier rotation.
 *
 * @throws {RotationError} if there is no current key that may be rotated
 */
export function planCreate(state: RotationState, input: PlanInput): Action[] {
  const repairs = planRepair(state, input);
  if (state.target.value !== undefined) return repairs;
  const { key, expiresAt } = candidateOf(state, input);
  const value: SecretValue = {
    key: key.text,
    keyId: key.prefix,
    expiresAt: expiresAt === undefined ? null : new Date(expiresAt).toISOString(),
    ...(input.endpoint === undefined ? {} : { endpoint: input.endpoint }),
  };
  return [...repairs, { action: 'store_pending', value }];
}

function candidateOf(state: RotationState, input: PlanInput) {
  const { label, randomBytes, now, lifetimeSeconds } = input;
  const policy = lifetimeSeconds === undefined ? Infinity : now + lifetimeSeconds * 1000;
  const granted = input.first === undefined ? grantedUntil(rotatable(state, input), now) : Infinity;
  const expiresAt = Math.min(policy, granted);
  return { key: newKey({ label, randomBytes }), expiresAt: expiresAt === Infinity ? undefined : expiresAt };
}

/**
 * Plans `setSecret`: the record of the pending key. It has a short expiry until `finishSecret` sets the final one.
 *
 * @throws {RotationError} if there is no pending key, or no current key that may be rotated
 */
export function planSet(state: RotationState, input: PlanInput): Action[] {
  const { target } = state;
  if (isFinished(state) && input.first === undefined) return planRepair(state, input);
  const value = pendingValue(target);
  if (target.record !== undefined) {
    const fault = pendingFault(value, target.record, state, input);
    return fault === undefined ? [] : [{ action: 'give_up', reason: fault }];
  }
  const final = expiryOf(value) ?? Infinity;
  const record: StoredKey = {
    ...(input.first === undefined ? successorFields(rotatable(state, input).record) : firstFields(input.first)),
    prefix: value.keyId,
    label: input.label,
    secretName: input.secretName,
    digest: digestOf(value.key),
    createdAt: input.now,
    expiresAt: Math.min(input.now + CANDIDATE_LIFETIME_MS, final),
    version: 1,
  };
  return [{ action: 'create_key', record }];
}

/** Returns the fields that the new key takes from the old one: the same fields that `rotate` copies. */
function successorFields(old: StoredKey) {
  const { name, ownerId, scopes, metadata, plan, limits, restrictions, notBefore, usageId } = old;
  const { prefix: rotatedFrom, countsAs = rotatedFrom } = old;
  return { name, ownerId, scopes, metadata, plan, limits, restrictions, notBefore, usageId, countsAs, rotatedFrom };
}

function firstFields(fields: NewKeyFields) {
  return { ...fields, usageId: USAGE_IDENTIFIER_VERSION } as const;
}

/**
 * Plans `testSecret`: nothing, unless the pending key is lost.
 *
 * A version without a value is not an error. If rotation is configured without rotating immediately, Secrets Manager
 * creates a pending version and runs only this step, to test the function:
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html
 */
export function planTest(state: RotationState, input: PlanInput): Action[] {
  const { value, record } = state.target;
  const fault = value && record && pendingFault(value, record, state, input);
  return fault === undefined ? [] : [{ action: 'give_up', reason: fault }];
}

/**
 * Plans `finishSecret`: the new key becomes current and gets its final expiry. The old key expires after the overlap.
 *
 * @throws {RotationError} if there is no pending key
 */
export function planFinish(state: RotationState, input: PlanInput): Action[] {
  const { target, current, pending } = state;
  const last: Action[] = pending === target.id ? [{ action: 'clear_pending' }] : [];
  if (isFinished(state)) return [...planRepair(state, input), ...last];
  const value = pendingValue(target);
  if (target.record === undefined)
    throw new RotationError({
      code: 'pending_key_lost',
      message: `The key ${value.keyId} was not created. Run setSecret first.`,
    });
  const fault = pendingFault(value, target.record, state, input);
  if (fault !== undefined) return [{ action: 'give_up', reason: fault }];
  return [
    { action: 'make_current', from: current?.id },
    ...planRepair({ current: target, previous: current }, input),
    ...last,
  ];
}

/**
 * Plans the writes that are still missing after AWSCURRENT has moved: the current key gets its final expiry, and the
 * previous one expires after the overlap. Keys that an operator has changed, revoked or replaced are left alone.
 */
export function planRepair(
  { current, previous }: Pick<RotationState, 'current' | 'previous'>,
  { now, overlapSeconds }: Pick<PlanInput, 'now' | 'overlapSeconds'>,
): Action[] {
  const actions: Action[] = [];
  if (current?.record === undefined || current.value === undefined) return actions;

  const final = expiryOf(current.value);
  if (isCandidate(current.record, now) && current.record.expiresAt !== final)
    actions.push({ action: 'set_expiry', record: current.record, expiresAt: final ?? null });

  const old = previous?.record;
  const isSucceeded = old !== undefined && current.record.rotatedFrom === old.prefix && old.replacedBy === undefined;
  if (isSucceeded && statusOf(old, now) === 'active') {
    const expiresAt = Math.min(now + overlapSeconds * 1000, old.expiresAt ?? Infinity);
    actions.push({ action: 'set_expiry', record: old, expiresAt, replacedBy: current.record.prefix });
  }
  return actions;
}

/** Whether a key has the short expiry of an unfinished rotation. Any other expiry was set on purpose. */
function isCandidate(record: StoredKey, now: EpochMs): boolean {
  return record.expiresAt === record.createdAt + CANDIDATE_LIFETIME_MS && statusOf(record, now) === 'active';
}

function isFinished({ target, current }: RotationState): boolean {
  return current?.id === target.id;
}

function pendingValue({ value }: SecretVersion): SecretValue {
  if (value !== undefined) return value;
  const message = 'The version has no key yet. Run createSecret first.';
  throw new RotationError({ code: 'no_pending_key', message });
}

/** Returns why a pending key can never become the current one, or `undefined` if it can. */
function pendingFault(
  value: SecretValue,
  record: StoredKey,
  state: RotationState,
  { now, first }: PlanInput,
): RotationFault | undefined {
  if (record.digest !== digestOf(value.key))
    return { code: 'pending_key_lost', message: `Another key has the prefix ${value.keyId}.` };
  // An operator stored another key. It would never expire if a successor of its predecessor replaced it.
  const isSuccessor = record.rotatedFrom === state.current?.value?.keyId;
  if (first === undefined && !isFinished(state) && !isSuccessor)
    return { code: 'pending_key_lost', message: `The pending key ${value.keyId} does not replace the current key.` };
  const status = statusOf(record, now);
  return status === 'active'
    ? undefined
    : { code: 'pending_key_lost', message: `The pending key ${value.keyId} is ${status}.` };
}

interface Rotatable {
  readonly value: SecretValue;
  readonly record: StoredKey;
}

/**
 * Returns the key to rotate.
 *
 * A revoked or replaced key can't be rotated, because a schedule must not undo what an operator did. A key that expired
 * because its rotations failed can be rotated, because the construct gives each key a new lifetime.
 *
 * @throws {RotationError} if no key can be rotated, with what to do
 */
function rotatable({ current }: RotationState, { now, lifetimeSeconds }: PlanInput): Rotatable {
  const { value, record } = current ?? {};
  if (value === undefined)
    throw new RotationError({
      code: 'no_current_key',
      message: 'AWSCURRENT holds no Latchkey key. Restore the value, or replace the KeySecret.',
    });
  const { keyId } = value;
  if (record === undefined)
    throw new RotationError({ code: 'current_key_missing', message: `The key ${keyId} does not exist. ${ISSUE_ANEW}` });
  if (record.revokedAt !== undefined)
    throw new RotationError({ code: 'current_key_revoked', message: `The key ${keyId} is revoked. ${ISSUE_ANEW}` });
  if (record.replacedBy !== undefined)
    throw new RotationError({
      code: 'current_key_replaced',
      message: `The key ${keyId} was replaced by ${record.replacedBy}, which this secret does not hold. ${ISSUE_ANEW}`,
    });
  const byPolicy = lifetimeSeconds !== undefined && record.expiresAt === expiryOf(value);
  if (statusOf(record, now) === 'expired' && !byPolicy)
    throw new RotationError({ code: 'current_key_expired', message: `The key ${keyId} has expired. ${ISSUE_ANEW}` });
  return { value, record };
}

/** Returns the expiry that an operator set for a key, in milliseconds, or `Infinity`. A rotation must not extend it. */
function grantedUntil({ value, record }: Rotatable, now: EpochMs): EpochMs {
  const { expiresAt = Infinity } = record;
  return expiresAt === expiryOf(value) || isCandidate(record, now) ? Infinity : expiresAt;
}
