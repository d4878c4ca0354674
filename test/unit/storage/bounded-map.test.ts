import { expect, it } from 'vitest';
import { BoundedMap } from '../../../src/storage/bounded-map.ts';

it('removes the entry that was added first when a new key exceeds the limit', () => {
  const map = new BoundedMap<string, number>(2);
  map.set('a', 1).set('b', 2).set('c', 3);
  expect([...map]).toEqual([
    ['b', 2],
    ['c', 3],
  ]);
});

it('keeps the place of a key whose value changes, and removes no other entry', () => {
  const map = new BoundedMap<string, number>(2);
  map.set('a', 1).set('b', 2).set('a', 3);
  expect([...map.keys()]).toEqual(['a', 'b']);
  map.set('c', 4);
  expect([...map.keys()]).toEqual(['b', 'c']);
});
