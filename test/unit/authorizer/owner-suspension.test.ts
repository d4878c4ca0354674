import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { createKeyAuthorizer, type KeyAuthorizer } from '../../../src/authorizer/key-authorizer.ts';
import type { Report } from '../../../src/authorizer/report.ts';
import { digestOf } from '../../../src/core/keys/digest.ts';
import { newKey } from '../../../src/core/keys/key.ts';
import type { OwnerRecord } from '../../../src/core/keys/owner.ts';
import { DEFAULT_AUTHORIZER_SETTINGS } from '../../../src/gateway/settings.ts';
import type { KeyReader, OwnerReader, StoredKey } from '../../../src/storage/key-store.ts';
import { aRecord, LABEL } from '../../support/storage/records.ts';
import { restEvent } from '../../support/authorizer/events.ts';

const SETTINGS = { ...DEFAULT_AUTHORIZER_SETTINGS, label: LABEL, lastUsedIntervalSeconds: 0, ownerSuspension: true };

/** An authorizer for one key, with what it read and reported. */
function authorizerOf(fields: Partial<StoredKey>, getOwner: OwnerReader['getOwner'], now: () => number = () => 0) {
  const key = newKey({ label: LABEL, randomBytes });
  const record = aRecord({ prefix: key.prefix, digest: digestOf(key.text), ...fields });
  const reports: Report[] = [];
  const keys: KeyReader = {
    get: () => Promise.resolve(record),
    touch: () => Promise.resolve(),
    replaceDigest: () => Promise.resolve(),
  };
  const dependencies = { keys, owners: { getOwner }, report: (report: Report) => void reports.push(report), now };
  const authorize: KeyAuthorizer = createKeyAuthorizer(SETTINGS, dependencies);
  return { reports, decide: () => authorize(restEvent({ headers: { 'x-api-key': key.text } })) };
}

it('rejects a key whose owner is suspended, and only logs the reason', async () => {
  const owner: OwnerRecord = { label: LABEL, ownerId: 'acme', suspendedAt: 1 };
  const { decide, reports } = authorizerOf({ ownerId: 'acme' }, () => Promise.resolve(owner));
  const answer = await decide();
  expect(answer).toMatchObject({ context: {}, policyDocument: { Statement: [{ Effect: 'Deny' }] } });
  expect(JSON.stringify(answer)).not.toContain('suspend');
  expect(reports).toMatchObject([{ result: 'suspended' }]);
});

it('treats any stored suspension time as a suspension, even an invalid one', async () => {
  const broken = { label: LABEL, ownerId: 'acme', suspendedAt: 'yesterday' } as unknown as OwnerRecord;
  const { decide, reports } = authorizerOf({ ownerId: 'acme' }, () => Promise.resolve(broken));
  await decide();
  expect(reports).toMatchObject([{ result: 'suspended' }]);
});

it.each([
  ['for another owner', { label: LABEL, ownerId: 'umbrella' }],
  ['for another label', { label: 'lk_other', ownerId: 'acme' }],
  ['with no fields', {} as OwnerRecord],
])('rejects a key if the owner record is %s, because it does not show the state of the owner', async (_of, owner) => {
  const { decide, reports } = authorizerOf({ ownerId: 'acme' }, () => Promise.resolve(owner));
  await decide();
  expect(reports).toMatchObject([{ result: 'corrupt' }]);
});

it('rejects a key if its owner cannot be read', async () => {
  const { decide, reports } = authorizerOf({ ownerId: 'acme' }, () => Promise.reject(new Error('outage')));
  await expect(decide()).rejects.toThrow('No decision could be made');
  expect(reports).toMatchObject([{ result: 'error', error: 'Error: outage' }]);
});

it('reads the owner under the label of the key, within the remaining lookup time', async () => {
  let clock = 0;
  const asked: unknown[] = [];
  const getOwner: OwnerReader['getOwner'] = (...args) => {
    asked.push(args);
    return Promise.resolve(undefined);
  };
  const { decide } = authorizerOf({ ownerId: 'acme' }, getOwner, () => (clock += 1000));
  await decide();
  expect(asked).toEqual([[LABEL, 'acme', { timeoutMs: SETTINGS.lookupTimeoutMs - 2000 }]]);
});

it('does not start without a reader of owners', () => {
  const keys = {
    get: () => Promise.resolve(undefined),
    touch: () => Promise.resolve(),
    replaceDigest: () => Promise.resolve(),
  };
  expect(() => createKeyAuthorizer(SETTINGS, { keys, report: () => undefined })).toThrow(TypeError);
});
