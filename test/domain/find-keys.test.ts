import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findKeys, MAX_KEY_LENGTH } from '../../functions/domain/find-keys.ts';
import { ANY_LABEL, keyPattern, newKey } from '../../functions/domain/key.ts';

const aKey = (label = 'lk_live') => newKey({ label, randomBytes });
const prefixes = (text: string, labels?: string[]) => findKeys(text, labels).map(({ key }) => key.prefix);

describe('finding keys in a text', () => {
  it('finds every one, whatever its label and whatever stands around it', () => {
    const around = fc.string({ unit: fc.constantFrom(' ', '"', "'", '=', ':', '\n', '(', '_', 'n', 'A', '9', '.') });
    const label = fc.stringMatching(/^[a-z][a-z0-9]{0,5}(_[a-z0-9]{1,5}){0,2}$/);
    fc.assert(
      fc.property(label, around, fc.constantFrom('', ' ', '"', '\n', '_', '.'), (someLabel, before, after) => {
        const key = aKey(someLabel);
        const [found, ...more] = findKeys(before + key.text + after);
        expect(more).toEqual([]);
        expect(found).toEqual({ key, index: before.length });
      }),
    );
  });

  it('finds the label where an escape runs into it, as in JSON', () => {
    const key = aKey();
    expect(findKeys(JSON.stringify(`one\n${key.text}\n`))[0]?.key).toEqual(key);
  });

  it('finds none in what only looks like one', () => {
    const { text } = aKey();
    const wrong = text.slice(0, -1) + (text.endsWith('a') ? 'b' : 'a');
    for (const other of [wrong, text.slice(0, -1), `${text}0`, text.replace('lk', 'LK'), text.toLowerCase()])
      expect(findKeys(other), other).toEqual([]);
  });

  it('looks for the labels that it is told', () => {
    const [live, test] = [aKey('lk_live'), aKey('lk_test')];
    const text = `${live.text}, ${test.text}`;
    expect(prefixes(text)).toEqual([live.prefix, test.prefix]);
    expect(prefixes(text, ['lk_test'])).toEqual([test.prefix]);
    expect(prefixes(text, ['lk'])).toEqual([]);
  });

  it('knows how long a key can be', () => {
    expect(aKey('l'.repeat(24)).text).toHaveLength(MAX_KEY_LENGTH);
  });

  it('the published pattern finds the same, but for the checksum', () => {
    const key = aKey();
    const pattern = new RegExp(keyPattern(ANY_LABEL), 'g');
    expect(`KEY="${key.text}"`.match(pattern)).toEqual([key.text]);
    expect(`KEY="${key.text}0"`.match(pattern)).toBeNull();
  });
});
