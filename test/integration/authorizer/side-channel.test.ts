import * as crypto from 'node:crypto';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createKeyAuthorizer } from '../../../src/authorizer/key-authorizer.ts';
import { digestOf } from '../../../src/core/keys/digest.ts';
import { newKey, type UnverifiedKey } from '../../../src/core/keys/key.ts';
import { DEFAULT_AUTHORIZER_SETTINGS } from '../../../src/gateway/settings.ts';
import { FastKeyReader } from '../../../src/storage/fast-reader/key-reader.ts';
import { answer, fakeDynamoDb, type FakeDynamoDb } from '../../support/storage/fast-reader/fake-dynamodb.ts';
import { LABEL } from '../../support/storage/records.ts';
import { restEvent } from '../../support/authorizer/events.ts';

// Counts the calls of its functions.
vi.mock('node:crypto', { spy: true });

let dynamo: FakeDynamoDb;
beforeEach(async () => {
  // A generous timeout, because the reader would retry on a busy machine.
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  dynamo = await fakeDynamoDb();
});
afterEach(() => {
  vi.useRealTimers();
  dynamo.stop();
});

/** Every step that an authorizer takes for a key, without the values. */
async function workFor({ text }: UnverifiedKey, item: object) {
  dynamo.next(answer(item));
  const before = dynamo.received.length;
  vi.mocked(crypto.hash).mockClear();
  vi.mocked(crypto.timingSafeEqual).mockClear();
  const authorizer = createKeyAuthorizer(
    { ...DEFAULT_AUTHORIZER_SETTINGS, label: LABEL },
    {
      keys: new FastKeyReader({
        tableName: 't',
        endpoint: { url: new URL(dynamo.endpoint), region: 'us-east-1' },
        credentials: () => ({ accessKeyId: 'a', secretAccessKey: 's' }),
      }),
      report: () => undefined,
    },
  );
  const answered = await authorizer(restEvent({ headers: { 'x-api-key': text } }));
  const ofKey = vi.mocked(crypto.hash).mock.calls.filter(([, data]) => data === text);
  return {
    // The response without the prefix, which the caller has sent.
    answered: { ...answered, principalId: '' },
    reads: dynamo.received.slice(before).map(({ headers, body }) => [headers['x-amz-target'], body.length]),
    hashes: ofKey.map(([algorithm, , encoding]) => [algorithm, text.length, encoding]),
    comparisons: vi.mocked(crypto.timingSafeEqual).mock.calls.map(([one, other]) => [one.byteLength, other.byteLength]),
  };
}

it('gives an unknown prefix and a wrong secret the same response after one read, one hash and one comparison', async () => {
  const [stranger, guess] = [
    newKey({ label: LABEL, randomBytes: crypto.randomBytes }),
    newKey({ label: LABEL, randomBytes: crypto.randomBytes }),
  ];
  const stored = {
    ...{ prefix: { S: guess.prefix }, label: { S: LABEL }, digest: { S: digestOf('another') }, name: { S: 'a key' } },
    ...{ scopes: { L: [] }, metadata: { M: {} }, createdAt: { N: '1' }, version: { N: '1' } },
  };
  const unknown = await workFor(stranger, {});
  const mismatch = await workFor(guess, { Item: stored });
  expect(mismatch).toEqual(unknown);
  expect(unknown.reads).toHaveLength(1);
  expect(unknown.hashes).toEqual([['sha256', 75, 'buffer']].map(([one, , last]) => [one, stranger.text.length, last]));
  expect(unknown.comparisons).toEqual([[32, 32]]);

  // Other callers don't learn that a key is revoked, either.
  const revoked = await workFor(guess, { Item: { ...stored, revokedAt: { N: '1' } } });
  expect(revoked).toEqual(unknown);
});
