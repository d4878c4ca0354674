import { expect, it } from 'vitest';
import { findCredential, type Credential } from '../../../src/gateway/credential.ts';

const inCookies = (...headers: string[]): Credential =>
  findCredential({ headers: headers.map((value) => ['Cookie', value]), query: [] }, [{ cookie: 'api_key' }]);
const one = (text: string): Credential => ({ found: 'one', text });
const NONE: Credential = { found: 'none' };

it.each<[string, Credential]>([
  ['api_key=k', one('k')],
  ['theme=dark; api_key=k; lang=en', one('k')],
  ['api_key=k;lang=en', one('k')],
  ['api_key=a=b==', one('a=b==')],
  ['theme=dark', NONE],
  ['api_key', NONE],
  ['api_key=', NONE],
  ['api_key=; api_key=k', one('k')],
  ['', NONE],
  ['API_KEY=k', NONE],
  ['my_api_key=k', NONE],
  ['api_key2=k', NONE],
  ['theme=api_key=k', NONE],
])('takes the key from the cookie with the exact name in %j', (header, expected) => {
  expect(inCookies(header)).toMatchObject(expected);
});

it('rejects a cookie that is sent twice, even with the same key', () => {
  expect(inCookies('api_key=k; api_key=l')).toEqual({ found: 'conflict' });
  expect(inCookies('api_key=k', 'api_key=l')).toEqual({ found: 'conflict' });
  expect(inCookies('api_key=k; api_key=k')).toEqual({ found: 'conflict' });
});

it('does not read a header or a query parameter as a cookie of the same name', () => {
  const parts = { headers: [['api_key', 'k'] as const], query: [['api_key', 'k'] as const] };
  expect(findCredential(parts, [{ cookie: 'api_key' }])).toEqual(NONE);
  expect(findCredential({ headers: [['Cookie', 'api_key=k']], query: [] }, [{ query: 'api_key' }])).toEqual(NONE);
});
