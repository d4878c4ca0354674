import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { signerFor } from '../../../../src/storage/fast-reader/signer.ts';

/** `node:crypto` in the form that the SDK's signer requires. */
class Sha256 {
  #hash;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', Buffer.from(secret as Uint8Array));
  }
  update(data: Uint8Array) {
    this.#hash.update(data);
  }
  digest() {
    return Promise.resolve(new Uint8Array(this.#hash.digest()));
  }
  reset() {
    throw new Error('not needed');
  }
}

/** Returns the headers by name. */
function headersIn(lines: string): Record<string, string> {
  expect(lines).toMatch(/\r\n$/);
  return Object.fromEntries(
    lines
      .slice(0, -2)
      .split('\r\n')
      .map((line) => /^(.*?): (.*)$/.exec(line)?.slice(1) ?? [line]) as [string, string][],
  );
}

const secret = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 60 });
const word = fc.stringMatching(/^[A-Za-z0-9]{1,20}$/);
const request = fc.record({
  url: fc
    .record({
      host: fc.stringMatching(/^[a-z][a-z0-9]{0,10}(\.[a-z]{2,6}){0,3}$/),
      port: fc.constantFrom('', ':8000', ':4566'),
      path: fc.webPath(),
    })
    .map(({ host, port, path }) => new URL(`https://${host}${port}${path}`))
    .filter(({ pathname }) => !pathname.includes('//')),
  region: fc.constantFrom('us-east-1', 'eu-central-2', 'cn-north-1', 'us-gov-west-1'),
  target: word.map((operation) => `DynamoDB_20120810.${operation}`),
  body: fc.json(),
  accessKeyId: word,
  secretAccessKey: secret,
  sessionToken: fc.option(fc.base64String({ minLength: 4 }), { nil: undefined }),
  now: fc.date({ min: new Date('2012-01-01'), max: new Date('2099-12-31'), noInvalidDate: true }),
});

it("signs as the SDK's signer does, for any endpoint, credentials and time", async () => {
  await fc.assert(
    fc.asyncProperty(request, async ({ url, region, target, body, now, ...credentials }) => {
      const headers = headersIn(signerFor({ url, region })(target, body, credentials, now.getTime()));
      const signer = new SignatureV4({
        credentials,
        region,
        service: 'dynamodb',
        sha256: Sha256,
        applyChecksum: false,
      });
      const signed = await signer.sign(
        {
          method: 'POST',
          protocol: 'https:',
          hostname: url.hostname,
          path: url.pathname,
          headers: { host: url.host, 'content-type': headers['content-type'] ?? '', 'x-amz-target': target },
          body,
        },
        { signingDate: now },
      );
      const { 'content-length': length, ...rest } = headers;
      expect(rest).toEqual(signed.headers);
      expect(Number(length)).toBe(Buffer.byteLength(body));
    }),
    { numRuns: 500 },
  );
});

it('derives another signing key when the day or the credentials change, and the first one when they change back', () => {
  const sign = signerFor({ url: new URL('https://dynamodb.eu-west-1.amazonaws.com'), region: 'eu-west-1' });
  const signatureOf = (secretAccessKey: string, time: string) =>
    headersIn(sign('T.Op', '{}', { accessKeyId: 'id', secretAccessKey }, Date.parse(time)))['authorization'];
  const fresh = (secretAccessKey: string, time: string) =>
    headersIn(
      signerFor({ url: new URL('https://dynamodb.eu-west-1.amazonaws.com'), region: 'eu-west-1' })(
        'T.Op',
        '{}',
        { accessKeyId: 'id', secretAccessKey },
        Date.parse(time),
      ),
    )['authorization'];
  for (const [secretAccessKey, time] of [
    ['one', '2026-11-24T23:59:59Z'],
    ['one', '2026-11-25T00:00:00Z'],
    ['two', '2026-11-25T00:00:01Z'],
    ['one', '2026-11-25T00:00:02Z'],
    ['one', '2026-11-24T23:59:59Z'],
  ] as const)
    expect(signatureOf(secretAccessKey, time)).toBe(fresh(secretAccessKey, time));
});

it('signs with the credentials and the time of each request, in any order', () => {
  const url = new URL('https://dynamodb.eu-west-1.amazonaws.com');
  const credentials = fc.record({
    accessKeyId: fc.constantFrom('one', 'two'),
    secretAccessKey: fc.constantFrom('secret-one', 'secret-two'),
    sessionToken: fc.constantFrom(undefined, 'token-one', 'token-two'),
  });
  const now = fc.constantFrom(0, 999, 1000, 86_399_999, 86_400_000).map((ms) => Date.UTC(2026, 10, 28) + ms);
  fc.assert(
    fc.property(fc.array(fc.tuple(credentials, now), { maxLength: 20 }), (requests) => {
      const sign = signerFor({ url, region: 'eu-west-1' });
      for (const [given, at] of requests)
        expect(sign('T.Op', '{}', given, at)).toBe(signerFor({ url, region: 'eu-west-1' })('T.Op', '{}', given, at));
    }),
  );
});

it.each(['a\r\nx: b', 'a\n', '\0', 'ä', '\x7f'])(
  'rejects the session token %j, and does not quote it in the error',
  (sessionToken) => {
    const sign = signerFor({ url: new URL('https://dynamodb.eu-west-1.amazonaws.com'), region: 'eu-west-1' });
    const credentials = { accessKeyId: 'id', secretAccessKey: 'secret', sessionToken };
    expect(() => sign('T.Op', '{}', credentials, 0)).toThrow(
      new TypeError("the header x-amz-security-token has characters that a header can't have"),
    );
  },
);
