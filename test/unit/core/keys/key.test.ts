import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeBase62, randomBase62 } from '../../../../src/core/keys/base62.ts';
import { isLabel, keyPattern, newKey, parseKey } from '../../../../src/core/keys/key.ts';

const LABEL = 'lk_live';
const aKey = () => newKey({ label: LABEL, randomBytes });

const label = fc.stringMatching(/^[a-z][a-z0-9]{0,5}(_[a-z0-9]{1,5}){0,2}$/);

describe('a new key', () => {
  it('creates a key of the form <label>_<prefix>_<secret><checksum>', () => {
    const key = aKey();
    expect(key.text).toMatch(/^lk_live_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}$/);
    expect(key.text.split('_')[2]).toBe(key.prefix);
  });

  it('parses a new key with any label to the same parts', () => {
    fc.assert(
      fc.property(label, (someLabel) => {
        const key = newKey({ label: someLabel, randomBytes });
        expect(parseKey(key.text, someLabel)).toEqual(key);
      }),
    );
  });

  it('matches only the key itself with the pattern in a text', () => {
    const key = aKey();
    const text = `curl -H "x-api-key: ${key.text}" https://example.com/${key.text.slice(0, -1)}`;
    expect(text.match(new RegExp(keyPattern(LABEL), 'g'))).toEqual([key.text]);
  });

  it('uses the given prefix', () => {
    expect(newKey({ label: LABEL, randomBytes, prefix: 'A'.repeat(12) }).prefix).toBe('AAAAAAAAAAAA');
  });

  it('uses the CRC-32 of the preceding text in base62 as its checksum', () => {
    // Fixed random bytes give a fixed key. The checksum was computed with Python's zlib.crc32.
    const zeros = newKey({ label: 'lk', randomBytes: (length) => new Uint8Array(length) });
    expect(zeros.text).toBe(`lk_${'0'.repeat(12)}_${'0'.repeat(43)}1PeEUa`);
  });

  it.each(['', 'Lk', 'lk_', '_lk', '1k', 'lk__live', 'lk-live', 'l'.repeat(25)])('rejects the label "%s"', (bad) => {
    expect(isLabel(bad)).toBe(false);
    expect(() => newKey({ label: bad, randomBytes })).toThrow(/accepted: lower-case letters/);
  });
});

describe('parsing a key', () => {
  it('rejects any text that is not a key', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(parseKey(text, LABEL)).toBeUndefined();
      }),
    );
  });

  it('rejects a key with any one character changed', () => {
    const { text } = aKey();
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }), (at, other) => {
        fc.pre(other !== text[at]);
        expect(parseKey(text.slice(0, at) + other + text.slice(at + 1), LABEL)).toBeUndefined();
      }),
      { numRuns: 2000 },
    );
  });

  it('rejects a key that is truncated, extended or has two characters swapped', () => {
    const { text } = aKey();
    for (let at = 0; at < text.length; at++) {
      expect(parseKey(text.slice(0, at), LABEL)).toBeUndefined();
      const swapped = text.slice(0, at) + (text[at + 1] ?? '') + (text[at] ?? '') + text.slice(at + 2);
      if (swapped !== text) expect(parseKey(swapped, LABEL)).toBeUndefined();
    }
    for (const longer of [`${text}0`, ` ${text}`, `${text}\n`, `${text}\0`])
      expect(parseKey(longer, LABEL)).toBeUndefined();
  });

  it('rejects any other form, even with a valid checksum', () => {
    const [prefix, secret] = ['A'.repeat(12), 'B'.repeat(43)];
    const withChecksum = (body: string) => body + encodeBase62(crc32(body), 6);
    expect(parseKey(withChecksum(`lk_${prefix}_${secret}`), 'lk')).toMatchObject({ prefix });
    for (const body of [
      `lk_${prefix}-${secret}`,
      `lk_-${prefix.slice(1)}_${secret}`,
      `lk_${prefix.slice(1)}-_${secret}`,
      `lk_${prefix}_-${secret.slice(1)}`,
      `lk_${prefix}_${secret.slice(1)}-`,
      `lk-${prefix}_${secret}`,
      `lk_${prefix}_${secret}B`,
      `lk_${prefix}_${secret.slice(1)}`,
    ])
      expect(parseKey(withChecksum(body), 'lk'), body).toBeUndefined();
  });

  it('rejects a key with another label, even one with the same start', () => {
    const live = newKey({ label: 'lk_live', randomBytes });
    for (const other of ['lk', 'lk_test', 'lk_live_eu', 'partner']) expect(parseKey(live.text, other)).toBeUndefined();
  });
});

describe('base62', () => {
  it('pads base62 to its width', () => {
    expect(encodeBase62(0, 6)).toBe('000000');
    expect(encodeBase62(61, 6)).toBe('00000z');
    expect(encodeBase62(0xffffffff, 6)).toBe('4gfFC3');
  });

  it('avoids modulo bias: it redraws bytes from 248 on, and distributes the others evenly', () => {
    const everyByte = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    let draws = 0;
    const text = randomBase62(248, (length) => {
      draws += 1;
      expect(length).toBeGreaterThan(0);
      return everyByte;
    });
    const counts = new Map<string, number>();
    for (const letter of text) counts.set(letter, (counts.get(letter) ?? 0) + 1);
    expect([...counts.values()]).toEqual(Array<number>(62).fill(4));
    expect(draws).toBe(1);
    expect(randomBase62(249, () => everyByte).slice(248)).toBe('0');
  });

  it('distributes real random bytes evenly (chi-squared test that fails by chance less than once in a million)', () => {
    const letters = randomBase62(200_000, randomBytes);
    const counts = new Map<string, number>();
    for (const letter of letters) counts.set(letter, (counts.get(letter) ?? 0) + 1);
    const expected = 200_000 / 62;
    const chiSquared = [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    expect(counts.size).toBe(62);
    expect(chiSquared).toBeLessThan(130);
  });
});
