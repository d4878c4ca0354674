import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findKeys, MAX_KEY_LENGTH } from '../../../../src/core/keys/find-keys.ts';
import { ANY_LABEL, keyPattern, newKey } from '../../../../src/core/keys/key.ts';
import { HIDING_CONTEXTS, KEY_CONTEXTS } from '../../../support/core/key-contexts.ts';

const aKey = (label = 'lk_live') => newKey({ label, randomBytes });
const prefixes = (text: string, labels?: string[]) => findKeys(text, labels).map(({ key }) => key.prefix);

describe('finding keys in a text', () => {
  it('finds every key with any label in any surrounding text', () => {
    const around = fc.string({ unit: fc.constantFrom(' ', '"', "'", '=', ':', '\n', '(', '_', 'n', 'A', '9', '.') });
    const label = fc.stringMatching(/^[a-z][a-z0-9]{0,5}(_[a-z0-9]{1,5}){0,2}$/);
    fc.assert(
      fc.property(
        label,
        around,
        fc.constantFrom('', ' ', '"', '\n', '_', '.', 'a', 'Z', '0'),
        (someLabel, before, after) => {
          const key = aKey(someLabel);
          const [found, ...more] = findKeys(before + key.text + after);
          expect(more).toEqual([]);
          expect(found).toEqual({ key, index: before.length });
        },
      ),
    );
  });

  it('finds a label directly after an escape sequence, as in JSON', () => {
    const key = aKey();
    expect(findKeys(JSON.stringify(`one\n${key.text}\n`))[0]?.key).toEqual(key);
  });

  it('finds nothing in text that only looks like a key', () => {
    const { text } = aKey();
    const wrong = text.slice(0, -1) + (text.endsWith('a') ? 'b' : 'a');
    for (const other of [wrong, text.slice(0, -1), text.replace('lk', 'LK'), text.toLowerCase()])
      expect(findKeys(other), other).toEqual([]);
  });

  it('finds two keys that follow each other without a separator', () => {
    const [one, two] = [aKey('lk_live'), aKey('partner')];
    expect(findKeys(one.text + two.text).map(({ key }) => key)).toEqual([one, two]);
  });

  it('finds only keys with the given labels', () => {
    const [live, test] = [aKey('lk_live'), aKey('lk_test')];
    const text = `${live.text}, ${test.text}`;
    expect(prefixes(text)).toEqual([live.prefix, test.prefix]);
    expect(prefixes(text, ['lk_test'])).toEqual([test.prefix]);
    expect(prefixes(text, ['lk'])).toEqual([]);
  });

  it('returns the maximum length of a key', () => {
    expect(aKey('l'.repeat(24)).text).toHaveLength(MAX_KEY_LENGTH);
  });
});

describe('the published pattern and the scan find the same keys', () => {
  const key = aKey('acme_live');
  /** Returns every match of a pattern, as a secret scanner does. */
  const matches = (pattern: string, text: string) => text.match(new RegExp(pattern, 'g')) ?? [];

  it.each(Object.entries(KEY_CONTEXTS))(
    'the published pattern and the scan find the key in the context: %s',
    (_, context) => {
      const text = context(key.text);
      expect(findKeys(text)).toEqual([{ key, index: text.indexOf(key.text) }]);
      expect(findKeys(text, ['acme_live']).map((found) => found.key)).toEqual([key]);
      expect(matches(keyPattern('acme_live'), text)).toEqual([key.text]);
      // Without a label, a match can start too early: only the checksum shows where the label starts.
      expect(matches(keyPattern(ANY_LABEL), text)).toEqual([expect.stringMatching(new RegExp(`${key.text}$`))]);
    },
  );

  it.each(Object.entries(HIDING_CONTEXTS))(
    'the published pattern and the scan do not find a key in the form: %s',
    (_, context) => {
      const text = context(key.text);
      expect(findKeys(text)).toEqual([]);
      expect(matches(keyPattern('acme_live'), text)).toEqual([]);
      expect(matches(keyPattern(ANY_LABEL), text)).toEqual([]);
    },
  );

  it('the published pattern and the scan find the key between any two texts', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (before, after) => {
        const text = before + key.text + after;
        expect(findKeys(text)).toEqual([{ key, index: before.length }]);
        expect(matches(keyPattern('acme_live'), text)).toEqual([key.text]);
        expect(matches(keyPattern(ANY_LABEL), text).some((match) => match.endsWith(key.text))).toBe(true);
      }),
    );
  });

  it('the published pattern uses only syntax that all regular expression engines share', () => {
    for (const pattern of [keyPattern('acme_live'), keyPattern(ANY_LABEL)]) {
      const rest = pattern.replaceAll(/\[[0-9A-Za-z-]+\]|\{\d+(?:,\d+)?\}|\(\?:|\)|_\?|[a-z_]/g, '');
      expect(rest, pattern).toBe('');
    }
  });

  it('the published pattern matches the last part of a longer label, and the checksum rejects that match', () => {
    expect(matches(keyPattern('live'), key.text)).toEqual([key.text.slice('acme_'.length)]);
    expect(findKeys(key.text, ['live'])).toEqual([]);
  });
});
