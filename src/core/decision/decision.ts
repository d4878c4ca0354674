import { NO_DIGEST } from '../keys/digest.ts';
import type { KeyRecord } from '../keys/record.ts';
import { limitsOf, type Limits } from '../limits/limits.ts';
import { CHECKS, type Facts, type VerifiedKey } from './checks.ts';
import type { DenialReason } from './denial-reasons.ts';

/** The request is denied. */
export interface Denied {
  readonly allowed: false;
  readonly reason: DenialReason;
}

export type Decision = (VerifiedKey & { readonly allowed: true }) | Denied;

/** The input of {@link decide}: the facts of {@link CHECKS}, and the record if the key exists. */
export interface DecisionInput extends Omit<Facts, 'record' | 'limits'> {
  /** The record with the key's prefix, or `undefined` if the table has no such record. */
  readonly record: KeyRecord | undefined;
}

/**
 * Stands in for a record that does not exist, so that an unknown prefix costs as much time as a known one. No key has an
 * empty label, and no key hashes to this digest.
 */
const NO_RECORD: KeyRecord = {
  prefix: '',
  label: '',
  digest: NO_DIGEST,
  name: '',
  scopes: [],
  metadata: {},
  createdAt: 0,
  version: 1,
};

/**
 * Decides on a presented key by {@link CHECKS}, in their order. Later checks do not run, and load nothing, once a check has
 * denied the key.
 *
 * @throws what loading a fact throws; then there is no decision, and the caller must reject the request
 */
export async function decide(input: DecisionInput): Promise<Decision> {
  const { record = NO_RECORD, plans } = input;
  let limits: Limits | undefined;
  const facts: Facts = {
    ...input,
    record,
    limits: () => (limits ??= plans === undefined ? (record.limits ?? {}) : limitsOf(record, plans)),
  };
  for (const check of Object.values(CHECKS)) {
    const result = check(facts);
    // Most checks are synchronous. Waiting for each of them would cost every request.
    const reason = result instanceof Promise ? await result : result;
    if (reason !== undefined) return denied(reason);
  }
  return { allowed: true, record, limits: facts.limits() ?? {} };
}

/** A denial, as a value. */
export function denied(reason: DenialReason): Denied {
  return { allowed: false, reason };
}
