import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withoutKeys, withoutPossibleKeys } from '../../../../src/core/text/without-keys.ts';
import { newKey } from '../../../../src/core/keys/key.ts';

const key = newKey({ label: 'lk_live', randomBytes });
const hidden = `lk_live_${key.prefix}_…`;
const other = newKey({ label: 'partner', randomBytes });

describe('hiding keys in a text', () => {
  it('truncates every key after its prefix, and keeps the rest of the text', () => {
    const plain = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(fc.array(plain, { minLength: 2, maxLength: 5 }), (texts) => {
        expect(withoutKeys(texts.join(key.text))).toBe(texts.join(hidden));
      }),
    );
  });

  it('keeps a key that it is configured to show', () => {
    const text = `${key.text} ${other.text} ${key.text}`;
    expect(withoutKeys(text, key.text)).toBe(`${key.text} partner_${other.prefix}_… ${key.text}`);
    expect(withoutKeys(text, null)).toBe(`${hidden} partner_${other.prefix}_… ${hidden}`);
  });

  it('hides a key that starts within another one', () => {
    // The first key ends with the label of the second one.
    for (;;) {
      const first = newKey({ label: 'lk', randomBytes }).text;
      const label = first.slice(-1);
      if (!/[a-z]/.test(label)) continue;
      const second = newKey({ label, randomBytes });
      const shown = withoutKeys(first + second.text.slice(1));
      for (const secret of [first.slice(-49, -1), second.text.slice(-49)]) expect(shown).not.toContain(secret);
      return;
    }
  });

  it('hides ten thousand keys', () => {
    expect(withoutKeys(`${key.text} `.repeat(10_000))).toBe(`${hidden} `.repeat(10_000));
  });
});

describe('hiding what could be a key of any issuer', () => {
  /** Returns what must be hidden: words of at least 16 characters that have a digit or an upper-case letter. */
  const byDefinition = (text: string) =>
    text
      .split(/([\s'"]+)/)
      .map((word) => (word.length >= 16 && /[0-9A-Z]/.test(word) ? '…' : word))
      .join('');

  it('hides long words that are not made of lower-case letters, and nothing else', () => {
    const units = fc.constantFrom('a', 'b', '-', '_', 'A', '0', ' ', '\n', '"', "'", '…');
    fc.assert(
      fc.property(fc.string({ unit: units, maxLength: 80 }), (text) => {
        expect(withoutPossibleKeys(text)).toBe(byDefinition(text));
      }),
    );
  });

  it('cuts a key of Latchkey after its prefix', () => {
    expect(withoutPossibleKeys(`unknown option '--${key.text}'`)).toBe(`unknown option '--${hidden}'`);
  });

  it.each([
    ['one word of lower-case letters', 'a'.repeat(1_000_000)],
    ['many short words', 'abcdefghij '.repeat(100_000)],
    ['one word that could be a key', `${'a'.repeat(1_000_000)}0`],
  ])('processes a text of one megabyte: %s', (_, text) => {
    expect(withoutPossibleKeys(text)).toBe(byDefinition(text));
  });
});
