import fc from 'fast-check';
import { FORGED, ISSUED } from './world.ts';

/** Names that mean something to JavaScript. */
export const PROTOTYPE_NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'valueOf',
  'length',
];

/** Characters that look like an ASCII one, or turn into it when their case is changed or they are normalised. */
const LOOK_ALIKES: Readonly<Record<string, readonly string[]>> = {
  k: ['\u212a', '\u043a', '\uff4b'],
  l: ['\u217c', '\uff4c', 'I', '1'],
  _: ['\uff3f', '\u203f', '-'],
  a: ['\u0430', '\uff41'],
  e: ['\u0435', '\uff45'],
  i: ['\u0131', '\u0456', '\u0130'],
  o: ['\u043e', '0', 'O'],
  p: ['\u0440', '\uff50'],
  s: ['\u017f', '\u0455'],
  x: ['\u0445', '\uff58'],
  y: ['\u0443', '\uff59'],
  '-': ['\u2010', '\u2212', '_'],
  '0': ['O', '\uff10'],
};
const WHITESPACE = [' ', '\t', '  ', '\u00a0', '\u200b', '\ufeff', '\n', '\r\n', '\0', '\u2003', '\u0085'];

/** One character changed to its like, somewhere. */
export function lookAlike(text: string): fc.Arbitrary<string> {
  const changed = Array.from(text).flatMap((character, index) =>
    (LOOK_ALIKES[character.toLowerCase()] ?? []).map((other) => text.slice(0, index) + other + text.slice(index + 1)),
  );
  return changed.length === 0 ? fc.constant(text) : fc.constantFrom(...changed);
}

/** The same name in any mixture of cases. */
export function anyCase(name: string): fc.Arbitrary<string> {
  return fc
    .array(fc.boolean(), { minLength: name.length, maxLength: name.length })
    .map((upper) => Array.from(name, (letter, index) => (upper[index] ? letter.toUpperCase() : letter)).join(''));
}

const issued = fc.constantFrom(...ISSUED.map(({ text }) => text));
const wellFormed = fc.oneof({ weight: 4, arbitrary: issued }, fc.constantFrom(...FORGED));

/** A real key after an accident, or after somebody's work. */
const damaged = fc
  .tuple(wellFormed, wellFormed, fc.nat({ max: 200 }), fc.nat({ max: 15 }), fc.constantFrom(...WHITESPACE))
  .chain(([text, other, at, bit, space]) => {
    const index = at % text.length;
    const flipped = String.fromCharCode(text.charCodeAt(index) ^ (1 << bit));
    const replace = (character: string) => text.slice(0, index) + character + text.slice(index + 1);
    return fc.oneof(
      lookAlike(text),
      fc.constantFrom(
        text.slice(0, index),
        text.slice(index),
        replace(flipped),
        replace(''),
        replace(
          text.charAt(index) === text.charAt(index).toLowerCase()
            ? text.charAt(index).toUpperCase()
            : text.charAt(index).toLowerCase(),
        ),
        text.slice(0, index) + space + text.slice(index),
        space + text,
        text + space,
        space + text + space,
        text + text,
        `${text},${text}`,
        `${text}, ${other}`,
        `"${text}"`,
        text.slice(0, index) + other.slice(index),
        text.replace('lk_fuzz', 'lk_other'),
        text.replace('lk_fuzz', 'LK_FUZZ'),
        text.replace('lk_fuzz_', ''),
        encodeURIComponent(text).replaceAll('_', '%5F'),
        Buffer.from(text).toString('base64'),
        Array.from(text).reverse().join(''),
        `${text}\0`,
        text.normalize('NFD') + '\u0301',
      ),
    );
  });

/** A megabyte, sometimes more, of something that a pattern might choke on. */
export const megabytes = fc
  .tuple(
    fc.constantFrom(
      'a',
      ' ',
      '\t',
      '_',
      'lk_fuzz_',
      '0',
      '\u{1f511}',
      '\0',
      '*/',
      'Api-Key ',
      '\\',
      '"',
      '{',
      ISSUED[0]?.text ?? '',
    ),
    fc.constantFrom(1_000, 10_000, 65_536, 65_536, 1_048_576, 3_000_000),
  )
  .map(([unit, length]) => unit.repeat(Math.ceil(length / unit.length)));

/** What may stand where a key is expected. */
export const keyValue: fc.Arbitrary<string> = fc.oneof(
  { weight: 12, arbitrary: wellFormed },
  { weight: 12, arbitrary: damaged },
  { weight: 4, arbitrary: fc.string({ unit: 'binary', maxLength: 100 }) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary-ascii', maxLength: 100 }) },
  { weight: 2, arbitrary: fc.constantFrom('', ' ', '\t', ...PROTOTYPE_NAMES, 'null', 'undefined', '*') },
);

/** A value behind a scheme, or behind what is nearly one. */
export const schemedValue = fc
  .tuple(
    fc.oneof(
      { weight: 4, arbitrary: fc.constant('Api-Key ') },
      anyCase('api-key').map((scheme) => `${scheme} `),
      lookAlike('Api-Key').map((scheme) => `${scheme} `),
      fc.constantFrom(
        'Bearer ',
        'Api-Key',
        'Api-Key\t',
        'Api-Key  ',
        'Api-Key:',
        'Basic ',
        ' Api-Key ',
        'Api-Key Api-Key ',
        'Api-Key\u00a0',
      ),
    ),
    keyValue,
  )
  .map(([scheme, value]) => scheme + value);
