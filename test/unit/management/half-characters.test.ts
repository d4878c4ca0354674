import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '../../../src/management/errors.ts';
import { checkInput } from '../../../src/management/check-input.ts';
import { inputs, prefixInput } from '../../../src/management/input.ts';
import { portableKey } from '../../../src/management/portable-key.ts';

const NOW = Date.UTC(2027, 0, 1);
const SETTINGS = {
  plans: { pro: { rate: '1/s' } },
  attributes: undefined,
  restrictions: ['sourceIp', 'origin'],
} as const;
const prefix = 'abcdefghijkl';
const fields = { scopes: ['orders:read'], metadata: { tenant: 'acme' }, plan: 'pro' };
const restrictions = { sourceIps: ['192.0.2.1'], origins: ['https://a.example'], stages: ['prod'] };

/** A valid input with every field that takes a string, by operation. */
const OPERATIONS = {
  create: [
    inputs.create(NOW, SETTINGS),
    { ...fields, name: 'x', ownerId: 'acme', restrictions, expires: '1d', notBefore: '1h', idempotencyToken: 't' },
  ],
  get: [prefixInput, { prefix }],
  usage: [inputs.usage('2027-01-01'), { prefix, from: '2026-12-31', to: '2027-01-01' }],
  list: [inputs.list(), { ownerId: 'acme', name: 'x', status: 'active', cursor: 'c' }],
  update: [
    inputs.update(NOW, SETTINGS),
    { ...fields, prefix, name: 'x', restrictions, expires: '1d', notBefore: '1h' },
  ],
  rotate: [inputs.rotate(NOW, SETTINGS), { prefix, overlap: '1h', expires: '1d', idempotencyToken: 't' }],
  revoke: [inputs.revoke(), { prefix, reason: 'x' }],
  disable: [inputs.disable(), { prefix, reason: 'x', by: 'x' }],
  enable: [prefixInput, { prefix }],
  verify: [
    inputs.verify(),
    { key: 'k', route: 'GET /a', sourceIp: '192.0.2.1', origin: 'https://a.example', stage: 'prod' },
  ],
  owner: [inputs.owner(), { ownerId: 'acme' }],
  suspend: [inputs.suspend(), { ownerId: 'acme', reason: 'x', by: 'x' }],
  resume: [inputs.resume(), { ownerId: 'acme', by: 'x' }],
  import: [
    portableKey(NOW),
    { ...fields, prefix, digest: 'd', name: 'x', ownerId: 'a', revokedReason: 'x', createdAt: '2026-01-01T00:00:00Z' },
  ],
  export: [inputs.export(), { cursor: 'c' }],
} as const;

/** All ways to add an unpaired surrogate to one string of a value, by the path of the string. */
function broken(value: unknown, half: string, path = ''): [path: string, value: unknown][] {
  if (typeof value === 'string') return [[path, value + half]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    broken(inner, half, `${path}/${name}`).map(([at, changed]): [string, unknown] => [
      at,
      Array.isArray(value) ? [changed] : { ...value, [name]: changed },
    ]),
  );
}

describe.each(Object.entries(OPERATIONS))('%s', (_name, [schema, valid]) => {
  it('accepts the input without an unpaired surrogate', () => {
    expect(() => checkInput(schema, valid)).not.toThrow();
  });

  // The store refuses any cursor that it has not written, and a digest must have one of the known forms.
  const cases = ['\ud83d', '\udc00']
    .flatMap((half) => broken(valid, half))
    .filter(([path]) => path !== '/cursor' && path !== '/digest');
  it.each(cases)('rejects an unpaired surrogate in %s', (_path, input) => {
    expect(() => checkInput(schema, input)).toThrow(InvalidInputError);
  });
});
