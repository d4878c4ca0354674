import { createHash, pbkdf2Sync, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomBase62 } from '../../../../src/core/keys/base62.ts';
import { decide } from '../../../../src/core/decision/decision.ts';
import {
  checkDigest,
  digestOf,
  isReadableDigest,
  isSlowDigest,
  MAX_PBKDF2_ITERATIONS,
  tailDigestOf,
} from '../../../../src/core/keys/digest.ts';
import {
  drfId,
  idOfDigest,
  IMPORTED_FORMATS,
  originFault,
  readKey,
  type ImportedFormat,
} from '../../../../src/core/keys/imported-key.ts';
import { isKeyId } from '../../../../src/core/keys/key-id.ts';
import { newKey } from '../../../../src/core/keys/key.ts';

const base62 = (length: number) => randomBase62(length, randomBytes);
const letters = 'abcdefghij'.repeat(7).slice(0, 64);
const EXAMPLES: Record<ImportedFormat, string> = {
  drf: `${base62(8)}.${base62(32)}`,
  'prefixed-api-key': `my_company_BRTRKFsL_${base62(24)}`,
  'better-auth': `acme_${letters}`,
  unkey: `prod_2DYxTqKPzm1kXbdrwq5u`,
  'api-gateway': `a!${base62(30)}`,
  sha256: 'sixteen~letters!',
};

describe('the keys of other issuers', () => {
  it.each(IMPORTED_FORMATS)('reads %s keys only if the deployment accepts them', (format) => {
    const text = EXAMPLES[format];
    expect(readKey(text, 'lk', [])).toBeUndefined();
    const key = readKey(text, 'lk', [format]);
    expect(key).toMatchObject({ label: 'lk', text });
    expect(isKeyId(key?.prefix ?? '')).toBe(true);
  });

  it('derives the id of an imported key from what its format allows', () => {
    expect(readKey(EXAMPLES.drf, 'lk', ['drf'])?.prefix).toBe(drfId(EXAMPLES.drf.slice(0, 8)));
    const whole = EXAMPLES['better-auth'];
    expect(readKey(whole, 'lk', ['better-auth'])?.prefix).toBe(idOfDigest(digestOf(whole)));
    const prefixed = EXAMPLES['prefixed-api-key'];
    expect(readKey(prefixed, 'lk', ['prefixed-api-key'])?.prefix).toBe(idOfDigest(tailDigestOf(prefixed)));
  });

  it('reads a text as the most specific accepted format, so that one read is enough', () => {
    expect(readKey(EXAMPLES.drf, 'lk', ['sha256', 'drf'])?.prefix).toMatch(/^drf\./);
    expect(readKey(EXAMPLES.drf, 'lk', ['sha256'])?.prefix).toMatch(/^hash\./);
  });

  it('reads a Latchkey key as such, regardless of the accepted formats', () => {
    fc.assert(
      fc.property(fc.subarray([...IMPORTED_FORMATS]), (formats) => {
        const key = newKey({ label: 'lk', randomBytes });
        expect(readKey(key.text, 'lk', formats)).toEqual(key);
      }),
    );
  });

  it('never throws for any text, and returns only valid ids', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary', maxLength: 300 })), (text) => {
        const key = readKey(text, 'lk', IMPORTED_FORMATS);
        if (key !== undefined) expect(isKeyId(key.prefix)).toBe(true);
      }),
    );
  });

  it('rejects a text that a header cannot carry or that is too short for a secret', () => {
    for (const text of ['', 'short', 'with a space in the middle', `tab\t${base62(30)}`, base62(257)])
      expect(readKey(text, 'lk', IMPORTED_FORMATS), text).toBeUndefined();
  });

  it('rejects a text with extra characters before or after the format of an issuer', () => {
    for (const format of ['drf', 'prefixed-api-key', 'unkey'] as const)
      for (const text of [`~${EXAMPLES[format]}`, `${EXAMPLES[format]}~`])
        expect(readKey(text, 'lk', [format]), text).toBeUndefined();
  });

  it.each([
    ['abcdefghijkl', true],
    ['drf.abcdefgh', true],
    [`hash.${'a'.repeat(22)}`, true],
    ['', false],
    ['abcdefghijk', false],
    ['abcdefghijklm', false],
    ['abcdefghijk-', false],
    ['drf.abcdefg', false],
    ['xdrf.abcdefgh', false],
    ['drf.abcdefghi', false],
    [`hash.${'a'.repeat(21)}`, false],
    [`hash.${'a'.repeat(23)}`, false],
    [`xhash.${'a'.repeat(22)}`, false],
  ])('checks whether the id %j is valid: %s', (text, expected) => {
    expect(isKeyId(text)).toBe(expected);
  });

  it('does not reveal a digest in the id that is derived from it', () => {
    const digest = digestOf('some key');
    expect(digest).not.toContain(idOfDigest(digest).slice('hash.'.length));
  });
});

describe('the digests of other issuers', () => {
  const key = EXAMPLES.drf;
  const sha512 = `sha512$$${createHash('sha512').update(key).digest('hex')}`;
  const pbkdf2 = (iterations: number) =>
    `pbkdf2_sha256$${String(iterations)}$aSalt$${pbkdf2Sync(key, 'aSalt', iterations, 32, 'sha256').toString('base64')}`;

  it.each([
    ['sha512', sha512],
    ['pbkdf2_sha256', pbkdf2(1000)],
    ['sha256', digestOf(key)],
  ])('matches a %s digest only with its own key', (_algorithm, digest) => {
    expect(checkDigest(key, digest)).toBe('match');
    expect(checkDigest(`${key.slice(0, -1)}!`, digest)).toBe('mismatch');
  });

  it('compares only the text after the last underscore with a sha256_tail digest', () => {
    const digest = tailDigestOf('any_thing_theLongPart');
    expect(checkDigest('other_short_theLongPart', digest)).toBe('match');
    expect(checkDigest('any_thing_another', digest)).toBe('mismatch');
  });

  it('limits the iterations of PBKDF2, and so the cost of a guess', () => {
    expect(isReadableDigest(`pbkdf2_sha256$${String(MAX_PBKDF2_ITERATIONS)}$s$${'A'.repeat(43)}=`)).toBe(true);
    const over = `pbkdf2_sha256$${String(MAX_PBKDF2_ITERATIONS + 1)}$s$${'A'.repeat(43)}=`;
    expect(checkDigest(key, over)).toBe('unreadable');
    expect([isSlowDigest(pbkdf2(1)), isSlowDigest(sha512)]).toEqual([true, false]);
  });

  it.each([
    'sha512$$abc',
    ` ${sha512}`,
    ` ${digestOf(key)}`,
    ` ${tailDigestOf(key)}`,
    `${tailDigestOf(key)}A`,
    ` ${pbkdf2(1)}`,
    `${pbkdf2(1)}A`,
    `${sha512}0`,
    sha512.toUpperCase(),
    'pbkdf2_sha256$0$s$AAAA',
    `pbkdf2_sha256$-1$s$${'A'.repeat(43)}=`,
    `pbkdf2_sha256$1e3$s$${'A'.repeat(43)}=`,
    `pbkdf2_sha256$1000$$${'A'.repeat(43)}=`,
    `argon2$argon2id$v=19$m=102400`,
    `pbkdf2_sha1$1000$s$AAAA`,
  ])('reports the digest %s as unreadable', (digest) => {
    expect(checkDigest(key, digest)).toBe('unreadable');
  });

  it('decides on an imported key as on any other key', async () => {
    const presented = readKey(key, 'lk', ['drf']);
    if (presented === undefined) throw new Error('not read');
    const record = {
      prefix: presented.prefix,
      label: 'lk',
      digest: sha512,
      importedFrom: 'drf' as const,
      name: 'a key',
      scopes: [],
      metadata: {},
      createdAt: 0,
      version: 1,
    };
    const reason = async (change: object, label = 'lk') => {
      const decision = await decide({ record: { ...record, ...change, label }, key: presented, now: 1000 });
      return decision.allowed || decision.reason;
    };
    expect(await reason({})).toBe(true);
    expect(await reason({ revokedAt: 1 })).toBe('revoked');
    expect(await reason({ expiresAt: 1000 })).toBe('expired');
    expect(await reason({ digest: digestOf('another') })).toBe('mismatch');
    expect(await reason({}, 'partner')).toBe('unknown');
  });
});

describe('a record that no key can match', () => {
  const deployment = { label: 'lk', importedFormats: [...IMPORTED_FORMATS] };
  const own = newKey({ label: 'lk', randomBytes });
  const good = {
    own: { prefix: own.prefix, label: 'lk', digest: digestOf(own.text) },
    drf: { prefix: 'drf.abcdefgh', label: 'lk', digest: digestOf('x'), importedFrom: 'drf' as const },
    hashed: { prefix: idOfDigest(digestOf('x')), label: 'lk', digest: digestOf('x'), importedFrom: 'unkey' as const },
  };

  it('reports a record that no key can match, and no other record', () => {
    for (const origin of Object.values(good)) expect(originFault(origin, deployment)).toBeUndefined();
    const sha512 = `sha512$$${'a'.repeat(128)}`;
    expect(originFault({ ...good.drf, digest: sha512 }, deployment)).toBeUndefined();
    // The id is that of the digest, but keys of this issuer have another kind of digest.
    const tail = tailDigestOf('x');
    expect(originFault({ ...good.hashed, prefix: idOfDigest(tail), digest: tail }, deployment)).toMatch(/unkey key/);
    expect(originFault({ ...good.own, label: 'other' }, deployment)).toMatch(/label is other/);
    expect(originFault({ ...good.own, digest: 'md5$x' }, deployment)).toMatch(/unknown form/);
    expect(originFault({ ...good.own, digest: tailDigestOf('x') }, deployment)).toMatch(/not that of a Latchkey key/);
    expect(originFault({ ...good.hashed, importedFrom: undefined }, deployment)).toMatch(/importedFrom is missing/);
    expect(originFault({ ...good.hashed, digest: digestOf('y') }, deployment)).toMatch(/not those of a unkey key/);
    expect(originFault({ ...good.hashed, importedFrom: 'drf' }, deployment)).toMatch(/not those of a drf key/);
    expect(originFault({ ...good.drf, digest: tailDigestOf('x') }, deployment)).toMatch(/not those of a drf key/);
    expect(originFault({ ...good.hashed, importedFrom: 'prefixed-api-key' }, deployment)).toMatch(/prefixed-api-key/);
  });

  it("says what to deploy if the issuer's keys are not accepted", () => {
    expect(originFault(good.drf, { label: 'lk', importedFormats: ['unkey'] })).toMatch(/importedFormats: \['drf'\]/);
  });
});
