import fc from 'fast-check';
import { FORGED, ISSUED } from './world.ts';

/** Property names with a special meaning in JavaScript. */
export const PROTOTYPE_NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'valueOf',
  'length',
];

/** Characters that look like an ASCII character, or become one by case mapping or normalization. */
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

/** One character replaced by a look-alike. */
export function lookAlike(text: string): fc.Arbitrary<string> {
  const changed = Array.from(text).flatMap((character, index) =>
    (LOOK_ALIKES[character.toLowerCase()] ?? []).map((other) => text.slice(0, index) + other + text.slice(index + 1)),
  );
  return changed.length === 0 ? fc.constant(text) : fc.constantFrom(...changed);
}

/** The same name in random case. */
export function anyCase(name: string): fc.Arbitrary<string> {
  return fc
    .array(fc.boolean(), { minLength: name.length, maxLength: name.length })
    .map((upper) => Array.from(name, (letter, index) => (upper[index] ? letter.toUpperCase() : letter)).join(''));
}

const issued = fc.constantFrom(...ISSUED.map(({ text }) => text));
const wellFormed = fc.oneof({ weight: 4, arbitrary: issued }, fc.constantFrom(...FORGED));

/** A real key that was damaged or manipulated. */
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

/** At least one megabyte of text that could make a regular expression slow. */
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

/** Addresses inside and just outside of the keys' permitted ranges, in several notations, and invalid ones. */
export const address: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('192.0.2.7', '192.0.2.7', '192.0.2.0', '192.0.2.127', '198.51.100.7') },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      ...['192.0.2.128', '192.0.1.255', '192.0.3.7', '198.51.100.70', '19.0.2.7', '0.0.0.0', '255.255.255.255'],
      ...['2001:db8::1', '2001:0DB8:7fff:ffff:ffff:ffff:ffff:ffff', '2001:db8:8000::', '2001:db7::1', '::', '::1'],
      ...['::ffff:192.0.2.7', '::ffff:c000:207', '::192.0.2.7', '64:ff9b::192.0.2.7', '::ffff:10.0.0.1'],
    ),
  },
  fc.ipV4(),
  fc.ipV6(),
  fc.constantFrom(
    ...['', ' ', 'unknown', 'test-invoke-source-ip', 'localhost', '192.0.2', '3221225991', '0xc0000207'],
    ...['192.0.2.07', '192.0.2.7 ', '192.0.2.7/24', '192.0.2.7, 10.0.0.1', '10.0.0.1,192.0.2.7', '192.0.2.7:443'],
    ...['[2001:db8::1]', '2001:db8::1%eth0', '2001:db8::/32', '192.0.2.7\0', '１９２.0.2.7', ...PROTOTYPE_NAMES],
  ),
);

const pageHost = fc.constantFrom(
  ...['app.example.com', 'app.example.com', 'a.shop.example', 'a.b.shop.example', 'APP.example.com'],
  ...['shop.example', '.shop.example', 'evilshop.example', 'app.example.com.evil.test', 'evil.test', 'example.com'],
  ...['app.example.com:443', 'app.example.com:8443', 'app.example.com.', 'app-example.com', 'xapp.example.com'],
  ...['evil.test\\@app.example.com', 'app.example.com@evil.test', 'evil.test#@app.example.com'],
  ...['evil.test?.shop.example', 'evil.test/.shop.example', 'evil.test\\.shop.example', 'user:pass@app.example.com'],
  ...['evil.test,https://app.example.com', 'app.example.com,https://evil.test', '%61pp.example.com', '*.shop.example'],
  ...['ａpp.example.com', 'app。example.com', 'аpp.example.com', 'xn--pp-7lc.example.com', 'app.exam\tple.com'],
);
/** Origins: permitted ones, and look-alikes. */
export const page: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.constantFrom('https://app.example.com', 'https://app.example.com', 'https://a.shop.example'),
  },
  {
    weight: 8,
    arbitrary: fc
      .tuple(
        fc.constantFrom(
          'https://',
          'https://',
          'https://',
          'http://',
          'HTTPS://',
          'https:',
          'https:\\\\',
          ' https://',
          '//',
          '',
        ),
        pageHost,
        fc.constantFrom('', '', '', '/', '/orders?from=1#top', '/https://app.example.com', ' ', '\t'),
      )
      .map((parts) => parts.join('')),
  },
  fc.constantFrom(
    ...['null', '', ' ', '*', 'https://', 'about:blank', 'file:///', 'data:text/html,https://app.example.com'],
    ...['blob:https://app.example.com/1', 'javascript:https://app.example.com', 'app.example.com'],
    ...['https://app.example.com https://evil.test', 'ws://app.example.com', 'chrome-extension://app.example.com'],
  ),
  fc.webUrl(),
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }).map((text) => `https://${text}`) },
);

/** Values where a key is expected. */
export const keyValue: fc.Arbitrary<string> = fc.oneof(
  { weight: 12, arbitrary: wellFormed },
  { weight: 12, arbitrary: damaged },
  { weight: 4, arbitrary: fc.string({ unit: 'binary', maxLength: 100 }) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary-ascii', maxLength: 100 }) },
  { weight: 2, arbitrary: fc.constantFrom('', ' ', '\t', ...PROTOTYPE_NAMES, 'null', 'undefined', '*') },
);

/** A value after an authentication scheme, or after a malformed one. */
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
