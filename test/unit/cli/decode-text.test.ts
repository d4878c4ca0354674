import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeText } from '../../../cli/input/decode-text.ts';

const ENCODINGS: Readonly<Record<string, (text: string) => Buffer>> = {
  'UTF-8 with a byte order mark': (text) => Buffer.from(`\uFEFF${text}`),
  'UTF-16 little-endian with a byte order mark': (text) => Buffer.from(`\uFEFF${text}`, 'utf16le'),
  'UTF-16 big-endian with a byte order mark': (text) => Buffer.from(`\uFEFF${text}`, 'utf16le').swap16(),
};
/** Without a byte order mark, these are recognized if every character is ASCII. */
const UNMARKED: Readonly<Record<string, (text: string) => Buffer>> = {
  'UTF-8': (text) => Buffer.from(text),
  'UTF-16 little-endian': (text) => Buffer.from(text, 'utf16le'),
  'UTF-16 big-endian': (text) => Buffer.from(text, 'utf16le').swap16(),
};

describe('decoding text', () => {
  it.each(Object.entries(ENCODINGS))('reads any text in %s', (_, encode) => {
    const text = fc.string({ unit: 'grapheme' }).filter((one) => !one.startsWith('\uFEFF'));
    fc.assert(
      fc.property(text, (one) => {
        expect(decodeText(encode(one))).toMatchObject({ text: one });
      }),
    );
  });

  it.each(Object.entries(UNMARKED))('reads a key and its line break in %s without a byte order mark', (_, encode) => {
    fc.assert(
      fc.property(fc.stringMatching(/^[\x21-\x7e]{1,80}(?:\r?\n)?$/), (one) => {
        expect(decodeText(encode(one))).toMatchObject({ text: one });
      }),
    );
  });

  it.each<[string, number[]]>([
    ['Windows-1252', [0x43, 0x61, 0x66, 0xe9]],
    ['UTF-8 that is cut short', [0xe4, 0xb8]],
    ['UTF-16 that is cut short', [0xff, 0xfe, 0x6c]],
    ['UTF-16 with a lone surrogate', [0xff, 0xfe, 0x00, 0xd8]],
  ])('rejects %s', (_, bytes) => {
    expect(decodeText(Buffer.from(bytes))).not.toHaveProperty('text');
  });
});
