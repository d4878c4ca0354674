import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findCredential, type KeySource } from '../../../src/gateway/credential.ts';

const find = (sources: KeySource[], headers: [string, string][], query: [string, string][] = []) => {
  const credential = findCredential({ headers, query }, sources);
  return credential.found === 'one' ? credential.text : credential.found;
};
const X_API_KEY: KeySource = { header: 'x-api-key' };
const AUTHORIZATION: KeySource = { header: 'authorization', scheme: 'Api-Key' };
const QUERY: KeySource = { query: 'api_key' };

describe('the location of the key', () => {
  it.each<[KeySource[], [string, string][], string]>([
    [[X_API_KEY], [['x-api-key', 'k']], 'k'],
    [[X_API_KEY], [['X-Api-Key', 'k']], 'k'],
    [[{ header: 'X-Partner' }], [['x-pArtner', 'k']], 'k'],
    [[X_API_KEY], [['x-api-key', '  k  ']], 'k'],
    [[X_API_KEY], [['x-api-key', '']], 'none'],
    [[X_API_KEY], [['x-api-kez', 'k']], 'none'],
    [[X_API_KEY], [['x-api-keys', 'k']], 'none'],
    [[X_API_KEY], [['x-api-key', '  ']], 'none'],
    [[X_API_KEY], [], 'none'],
    [[X_API_KEY], [['authorization', 'Api-Key k']], 'none'],
    [[AUTHORIZATION], [['Authorization', 'Api-Key k']], 'k'],
    [[AUTHORIZATION], [['Authorization', 'api-key   k']], 'k'],
    [[AUTHORIZATION], [['Authorization', 'Bearer k']], 'none'],
    [[AUTHORIZATION], [['Authorization', 'Api-Keyk']], 'none'],
    [[AUTHORIZATION], [['Authorization', 'Api-Key']], 'none'],
    [[AUTHORIZATION], [['Authorization', 'k']], 'none'],
    [
      [AUTHORIZATION, X_API_KEY],
      [
        ['Authorization', 'Bearer jwt'],
        ['x-api-key', 'k'],
      ],
      'k',
    ],
  ])('finds with the location %j in the headers %j: %s', (sources, headers, expected) => {
    expect(find(sources, headers)).toBe(expected);
  });

  it('reads a query parameter only if that is configured', () => {
    expect(find([X_API_KEY], [], [['api_key', 'k']])).toBe('none');
    expect(find([QUERY], [], [['api_key', 'k']])).toBe('k');
    expect(find([QUERY], [], [['API_KEY', 'k']])).toBe('none');
    expect(find([QUERY], [], [['api_key', ' k ']])).toBe('k');
  });

  it('rejects a repeated location, even with the same key, and two different keys', () => {
    expect(
      find(
        [X_API_KEY],
        [
          ['x-api-key', 'k'],
          ['X-API-KEY', 'k'],
        ],
      ),
    ).toBe('conflict');
    expect(
      find(
        [QUERY],
        [],
        [
          ['api_key', 'k'],
          ['api_key', 'k'],
        ],
      ),
    ).toBe('conflict');
    expect(find([X_API_KEY, QUERY], [['x-api-key', 'k']], [['api_key', 'k']])).toBe('k');
    expect(
      find(
        [X_API_KEY],
        [
          ['x-api-key', 'k'],
          ['X-API-KEY', 'l'],
        ],
      ),
    ).toBe('conflict');
    expect(
      find(
        [X_API_KEY, AUTHORIZATION],
        [
          ['x-api-key', 'k'],
          ['authorization', 'Api-Key l'],
        ],
      ),
    ).toBe('conflict');
    expect(find([X_API_KEY, QUERY], [['x-api-key', 'k']], [['api_key', 'l']])).toBe('conflict');
  });

  it('rejects a location with two different values, even if only one is a key, because the result is cached for both', () => {
    const bearer: [string, string] = ['authorization', 'Bearer b'];
    // This also applies if another location has no value or a single one.
    for (const source of [AUTHORIZATION, QUERY]) {
      const twice: [string, string][] = [
        ['x-api-key', 'k'],
        ['x-api-key', ''],
      ];
      expect(find([X_API_KEY, source], twice)).toBe('conflict');
    }
    expect(find([AUTHORIZATION], [['authorization', 'Api-Key k'], bearer])).toBe('conflict');
    expect(find([AUTHORIZATION], [bearer, ['Authorization', 'Api-Key k']])).toBe('conflict');
    expect(
      find(
        [X_API_KEY],
        [
          ['x-api-key', 'k'],
          ['x-api-key', ''],
        ],
      ),
    ).toBe('conflict');
    expect(
      find(
        [QUERY],
        [],
        [
          ['api_key', 'k'],
          ['api_key', ''],
        ],
      ),
    ).toBe('conflict');
  });

  it('does not depend on the order or the case of header names', () => {
    const header = fc.tuple(
      fc.constantFrom('x-api-key', 'X-Api-Key', '__proto__', 'constructor', 'authorization'),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(header), (headers) => {
        const sources = [X_API_KEY, AUTHORIZATION];
        const upper = headers.map(([name, value]): [string, string] => [name.toUpperCase(), value]);
        expect(find(sources, upper.toReversed())).toEqual(find(sources, headers));
      }),
    );
  });
});
