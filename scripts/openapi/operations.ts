import {
  IdempotencyConflictError,
  InvalidInputError,
  KeyDisabledError,
  KeyEndedError,
  KeyManagedError,
  KeyNotFoundError,
  NotEnabledError,
  OwnerNotSuspendedError,
  VersionConflictError,
  type LatchkeyError,
  type REFUSAL_STATUSES,
} from '../../src/management/errors.ts';
import { shownBefore, shownOnce } from '../../src/management/operations/issue-key.ts';
import type { OPERATIONS, OperationName } from '../../src/management/operations.ts';
import { ownerViewOf } from '../../src/management/owner-view.ts';
import { viewOf } from '../../src/management/view.ts';
import type { OwnerRecord } from '../../src/core/keys/owner.ts';
import type { KeyRecord } from '../../src/core/keys/record.ts';
import type { ComponentName } from './results.ts';

/** The error code of a rejected request. */
export type ErrorCode = keyof typeof REFUSAL_STATUSES;

/** An operation with an HTTP route. */
export type RoutedOperation = {
  [Name in OperationName]: (typeof OPERATIONS)[Name] extends { readonly route: object } ? Name : never;
}[OperationName];

/** A successful response. */
interface SuccessResponse {
  readonly description: string;
  readonly component: ComponentName;
  readonly example: object;
}

/** The parts of an operation's description that its table and schemas do not have. */
interface OperationDetails {
  readonly tag: 'Keys' | 'Owners' | 'Deployment';
  /** A valid input, with the fields of the path. */
  readonly input: Readonly<Record<string, unknown>>;
  /** The successful responses by their status. */
  readonly success: Readonly<Record<number, SuccessResponse>>;
  /** The codes of its errors. Every operation can also fail with `internal_error`. */
  readonly errors: readonly ErrorCode[];
}

const PREFIX = '4fQ9aZ0bT1xW';
const SUCCESSOR = 'mC72kQp0ZrT5';
const OWNER = 'acme';
const NOW = Date.UTC(2027, 0, 31, 12);
const HOUR_MS = 3_600_000;

const record: KeyRecord = {
  prefix: PREFIX,
  label: 'lk',
  digest: 'sha256',
  name: 'Checkout',
  ownerId: OWNER,
  scopes: ['GET /orders/*', 'POST /orders'],
  metadata: { tier: 'premium' },
  plan: 'pro',
  restrictions: { sourceIps: ['192.0.2.0/24'] },
  createdAt: NOW,
  expiresAt: NOW + 90 * 24 * HOUR_MS,
  version: 1,
};
const later = { ...record, lastUsedAt: NOW + HOUR_MS };
const key = viewOf(later, NOW + HOUR_MS);
const successor: KeyRecord = { ...record, prefix: SUCCESSOR, createdAt: NOW + HOUR_MS, rotatedFrom: PREFIX };
const caches = { flushed: ['rest/a1b2c3d4e5/prod'], pending: [], failed: [] };
// Not a valid key, so that no search for leaked keys reports the document.
const keyText = { label: 'lk', prefix: PREFIX, text: 'lk_…' };

const suspension: Partial<OwnerRecord> = {
  suspendedAt: NOW,
  suspendedBy: 'arn:aws:iam::123456789012:role/Billing',
  suspendedReason: 'unpaid',
};
const suspended = ownerViewOf('lk', OWNER, { label: 'lk', ownerId: OWNER, ...suspension });
const resumed = ownerViewOf('lk', OWNER, {
  label: 'lk',
  ownerId: OWNER,
  ...suspension,
  suspendedAt: undefined,
  resumedAt: NOW + HOUR_MS,
  resumedBy: suspension.suspendedBy,
});

const counts = { requests: 42, errors: 1, throttled: 0, averageLatencyMs: 38, lastUsedAt: key.lastUsedAt };

const ok = (description: string, component: ComponentName, example: object) => ({
  200: { description, component, example },
});
const issued = (component: ComponentName, of: KeyRecord, more: object = {}) => ({
  201: {
    description: 'The key, which is returned only once.',
    component,
    example: { ...shownOnce(keyText, of, NOW), ...more },
  },
  200: {
    description: 'An earlier request with the same idempotency token created the key.',
    component,
    example: { ...shownBefore(of, NOW), ...more },
  },
});

/** The operations of the admin API. */
export const DETAILS: Readonly<Record<RoutedOperation, OperationDetails>> = {
  create: {
    tag: 'Keys',
    input: { name: 'Checkout', ownerId: OWNER, scopes: record.scopes, metadata: record.metadata, expires: '90d' },
    success: issued('IssuedKey', record),
    errors: ['invalid_input', 'idempotency_conflict'],
  },
  get: {
    tag: 'Keys',
    input: { prefix: PREFIX },
    success: ok('The key.', 'Key', key),
    errors: ['invalid_input', 'not_found'],
  },
  list: {
    tag: 'Keys',
    input: { ownerId: OWNER, limit: 20 },
    success: ok('A page of keys.', 'KeyList', { records: [key], cursor: null }),
    errors: ['invalid_input'],
  },
  update: {
    tag: 'Keys',
    input: { prefix: PREFIX, name: 'Checkout, EU', plan: null, version: 1 },
    success: ok(
      'The changed key.',
      'Key',
      viewOf({ ...later, name: 'Checkout, EU', plan: undefined, version: 2 }, NOW),
    ),
    errors: ['invalid_input', 'not_found', 'revoked', 'replaced', 'version_conflict'],
  },
  rotate: {
    tag: 'Keys',
    input: { prefix: PREFIX, overlap: '24h' },
    success: issued('RotatedKey', successor, { caches: { flushed: [], pending: [], failed: [] } }),
    errors: [
      'invalid_input',
      'not_found',
      'revoked',
      'expired',
      'disabled',
      'replaced',
      'managed',
      'idempotency_conflict',
    ],
  },
  revoke: {
    tag: 'Keys',
    input: { prefix: PREFIX, reason: 'leaked' },
    success: ok('The revoked key.', 'FlushedKey', {
      ...viewOf({ ...later, revokedAt: NOW + HOUR_MS, revokedReason: 'leaked', version: 2 }, NOW + HOUR_MS),
      caches,
    }),
    errors: ['invalid_input', 'not_found'],
  },
  disable: {
    tag: 'Keys',
    input: { prefix: PREFIX, reason: 'unpaid' },
    success: ok('The disabled key.', 'FlushedKey', {
      ...viewOf(
        {
          ...later,
          disabledAt: NOW + HOUR_MS,
          disabledReason: 'unpaid',
          disabledBy: suspension.suspendedBy,
          version: 2,
        },
        NOW + HOUR_MS,
      ),
      caches,
    }),
    errors: ['invalid_input', 'not_found', 'revoked'],
  },
  enable: {
    tag: 'Keys',
    input: { prefix: PREFIX },
    success: ok('The key.', 'Key', { ...key, version: 3 }),
    errors: ['invalid_input', 'not_found', 'revoked'],
  },
  verify: {
    tag: 'Keys',
    input: { key: 'lk_…', route: 'GET /orders/1' },
    success: ok('Whether the key would be allowed.', 'Verification', { valid: false, reason: 'expired' }),
    errors: ['invalid_input'],
  },
  settings: {
    tag: 'Deployment',
    input: {},
    success: ok('The settings.', 'Settings', {
      label: 'lk',
      plans: { pro: { rate: '100/s', quota: '1000000/month' } },
      attributes: null,
      readOnly: false,
      ownerSuspension: true,
      restrictions: ['sourceIp'],
      importedFormats: [],
    }),
    errors: ['invalid_input'],
  },
  owner: {
    tag: 'Owners',
    input: { ownerId: OWNER },
    success: ok('The owner.', 'Owner', ownerViewOf('lk', OWNER, undefined)),
    errors: ['invalid_input', 'not_enabled'],
  },
  suspend: {
    tag: 'Owners',
    input: { ownerId: OWNER, reason: 'unpaid' },
    success: ok('The suspended owner.', 'SuspendedOwner', { ...suspended, caches }),
    errors: ['invalid_input', 'not_enabled'],
  },
  resume: {
    tag: 'Owners',
    input: { ownerId: OWNER },
    success: ok('The owner.', 'Owner', resumed),
    errors: ['invalid_input', 'not_enabled', 'not_suspended'],
  },
  usage: {
    tag: 'Keys',
    input: { prefix: PREFIX, from: '2027-01-01', to: '2027-01-31' },
    success: ok('The usage of the key.', 'KeyUsage', {
      prefix: PREFIX,
      from: '2027-01-01',
      to: '2027-01-31',
      ...counts,
      days: [{ day: '2027-01-31', ...counts, routes: [{ route: 'GET /orders/{id}', ...counts }] }],
    }),
    errors: ['invalid_input', 'not_found', 'not_enabled'],
  },
};

/** An error of each code. */
export const ERRORS: Readonly<Record<ErrorCode, LatchkeyError>> = {
  invalid_input: new InvalidInputError([
    { field: 'expires', message: 'not in the future', accepted: 'a duration from now such as "90d"' },
  ]),
  not_found: new KeyNotFoundError(PREFIX),
  revoked: new KeyEndedError('revoked', `the key ${PREFIX} is revoked, which is final; create a new one`),
  expired: new KeyEndedError('expired', `the key ${PREFIX} is expired; create a new one`),
  replaced: new KeyEndedError('replaced', `the key ${PREFIX} was rotated before; rotate ${SUCCESSOR} instead`),
  disabled: new KeyDisabledError(PREFIX),
  managed: new KeyManagedError(PREFIX, 'CheckoutKey'),
  version_conflict: new VersionConflictError(PREFIX, 2),
  not_suspended: new OwnerNotSuspendedError(OWNER),
  not_enabled: new NotEnabledError('This deployment does not enable the operation.'),
  idempotency_conflict: new IdempotencyConflictError(),
};
