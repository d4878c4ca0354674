import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { callHook, checkContext, HookError } from '../../../../src/authorizer/custom/hook.ts';
import { expectDeclaredReads } from '../../../../src/authorizer/custom/testing.ts';
import { newKey } from '../../../../src/core/keys/key.ts';

describe('the context of a custom authorizer', () => {
  it.each<[string, unknown]>([
    ['NaN', { a: NaN }],
    ['an infinite number', { a: Infinity }],
    ['a bigint', { a: 1n }],
    ['undefined', { a: undefined }],
    ['null', { a: null }],
    ['a nested object', { a: {} }],
    ['an array', { a: [] }],
    ['a date', { a: new Date() }],
    ['a symbol', { a: Symbol('a') }],
    ['a promise', { a: Promise.resolve('a') }],
  ])('rejects a context field that holds %s with the name of the field', (_what, context) => {
    expect(() => checkContext(context)).toThrow(/^context has in "a"/);
  });

  it.each<[string, unknown]>([
    ['a map', new Map([['a', 'b']])],
    ['a date', new Date()],
    ['a promise', Promise.resolve({ a: 'b' })],
    ['an array', ['a']],
    ['null', null],
    ['nothing', undefined],
    ['a string', 'a'],
    ['an instance of a class', new URL('https://example.com')],
  ])('rejects a context that is %s', (_what, context) => {
    expect(() => checkContext(context)).toThrow('context must be a plain object');
  });

  it('accepts a context of strings, finite numbers and booleans', () => {
    const context = { a: 'x', b: 1.5, c: false };
    expect(checkContext(context)).toEqual(context);
    expect(checkContext(Object.assign(Object.create(null) as object, context))).toEqual(context);
  });
});

describe('the text that a hook throws', () => {
  const key = newKey({ label: 'lk_test', randomBytes }).text;
  const odd = 'p@ss"w\\rd/+é-1234';
  const base64 = (text: string, encoding: BufferEncoding = 'base64') => Buffer.from(text).toString(encoding);
  it.each<[string, (secret: string) => string]>([
    ['as it is', (secret) => secret],
    ['quoted for JSON', (secret) => JSON.stringify(JSON.stringify({ secret }))],
    ['percent-encoded', encodeURIComponent],
    ['percent-encoded twice', (secret) => encodeURIComponent(encodeURIComponent(secret))],
    [
      'with every character percent-encoded',
      (secret) => Buffer.from(secret, 'latin1').toString('hex').replaceAll(/../g, '%$&'),
    ],
    ['in base64', (secret) => base64(secret)],
    ['in base64 after one byte', (secret) => base64(`:${secret}:`)],
    ['in base64 after two bytes', (secret) => base64(`u:${secret}!`)],
    ['in base64url', (secret) => base64(`user:${secret}`, 'base64url')],
    ['in hex', (secret) => base64(secret, 'hex').toUpperCase()],
    ['over two lines', (secret) => `${secret.slice(0, 9)}\n    ${secret.slice(9)}`],
    ['over escaped lines', (secret) => `${secret.slice(0, 9)}\\n${secret.slice(9)}`],
  ])('redacts a secret %s in the text that a hook throws', async (_how, encoded) => {
    for (const secret of [key, odd]) {
      const hook = () => {
        throw new Error(`bad value <${encoded(secret)}> in header`);
      };
      const error: unknown = await callHook('authorize', hook, { secrets: [secret] }).catch(
        (thrown: unknown) => thrown,
      );
      expect(String(error)).toMatch(/^HookError: authorize threw .*(?:…|an error whose message contains a credential)/);
      expect(String(error)).not.toContain(encoded(secret));
    }
  });

  it('logs the text that a hook throws unchanged if it has no secret', async () => {
    const hook = () => Promise.reject(new Error('no such tenant'));
    await expect(callHook('authorize', hook, { secrets: [key] })).rejects.toThrow(
      'authorize threw Error: no such tenant',
    );
  });
});

it('expectDeclaredReads rejects a parser that never returns', async () => {
  const reader = { identitySources: [], read: () => new Promise(() => undefined) };
  await expect(expectDeclaredReads(reader, { timeoutMs: 20 })).rejects.toThrow('did not respond within 20 ms');
});

describe('an error that a hook of Latchkey raises', () => {
  it('removes the credential from the message of an error that it rethrows', async () => {
    const secret = newKey({ label: 'lk', randomBytes }).text;
    const failing = () => {
      throw new HookError(`the keys of the token's issuer are unavailable: fetch ${secret}`);
    };
    const thrown = await callHook('jwt', failing, { secrets: [secret] }).catch((error: unknown) => String(error));
    expect(thrown).toContain("the keys of the token's issuer are unavailable");
    expect(thrown).not.toContain(secret.slice(-20));
  });
});
