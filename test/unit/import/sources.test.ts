import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { planImport, type Plan } from '../../../cli/import/plan.ts';
import { readRows } from '../../../cli/import/read-rows.ts';
import { SOURCES, type SourceName } from '../../../cli/import/sources.ts';
import { randomBase62 } from '../../../src/core/keys/base62.ts';
import { checkDigest } from '../../../src/core/keys/digest.ts';
import { IMPORTED_FORMATS, readKey, type ImportedFormat } from '../../../src/core/keys/imported-key.ts';
import { foreignKeyMade } from '../../support/secret-search/foreign-keys.ts';

const NOW = '2027-01-01T00:00:00.000Z';

function plan(
  from: SourceName,
  rows: object[] | string,
  scopes: string[] = [],
  ownerField?: string,
  importedFormats: readonly ImportedFormat[] = IMPORTED_FORMATS,
): Plan {
  const text = typeof rows === 'string' ? rows : JSON.stringify(rows);
  return planImport(readRows(text), SOURCES[from], {
    scopes,
    allowUnscoped: scopes.length === 0,
    ownerField,
    importedFormats,
    now: NOW,
  });
}
const only = (result: Plan) => {
  expect(result.problems).toEqual([]);
  return result.keys[0];
};
const reasons = (result: Plan) => result.problems.map(({ reason }) => reason);
const sha = (algorithm: string, text: string, encoding: 'hex' | 'base64' | 'base64url') =>
  createHash(algorithm).update(text).digest(encoding);

/** The key is read by an authorizer as the record's, and its digest matches. */
function expectToBeFound(result: Plan, key: string, accepted: readonly ImportedFormat[] = IMPORTED_FORMATS): void {
  foreignKeyMade(key);
  const record = only(result)?.key;
  expect(readKey(key, 'lk', accepted)?.prefix).toBe(record?.prefix);
  expect(checkDigest(key, record?.digest ?? '')).toBe('match');
}

describe('a file', () => {
  it.each([
    ['a list', '[{"a":1},{"a":2}]'],
    ['an object with a list', '{"items":[{"a":1},{"a":2}],"next":"x"}'],
    ['JSON lines', '{"a":1}\n\n{"a":2}\n'],
    ['CSV', '\uFEFFa\n1\n2\n'],
    ['dumpdata', '[{"model":"m","pk":"p","fields":{"a":1}},{"model":"m","pk":"q","fields":{"a":2}}]'],
  ])('reads a file that is %s', (_kind, text) => {
    expect(readRows(text).map(({ row, fields }) => [row, Number(fields['a'])])).toEqual([
      [1, 1],
      [2, 2],
    ]);
  });

  it('rejects a file in another format with a message that does not repeat its content', () => {
    for (const text of ['[1]', '{"a":1}\nsecret', 'a,b\n"secret'])
      expect(() => readRows(text)).toThrow(/^(?!.*secret).*(?:Row|Line)/);
  });

  it('imports only the first row of a repeated key', () => {
    const row = { key: 'a-plain-key-of-some-length', name: 'x' };
    expect(plan('generic', [row, row]).problems).toEqual([
      { row: 2, prefix: expect.stringMatching(/^hash\./) as string, reason: 'row 1 has the same id' },
    ]);
  });
});

describe('djangorestframework-api-key', () => {
  const key = `abcdefgh.${'s'.repeat(32)}`;
  const row = {
    prefix: 'abcdefgh',
    hashed_key: `sha512$$${sha('sha512', key, 'hex')}`,
    created: '2024-01-01 12:00:00.5+00',
    name: 'x',
    revoked: 'f',
    expiry_date: '',
  };

  it('reads the CSV output of PostgreSQL', () => {
    expectToBeFound(plan('drf', [row]), key);
    expect(only(plan('drf', [{ ...row, created: '2024-01-01' }]))?.key.createdAt).toBe('2024-01-01T00:00:00.000Z');
    expect(only(plan('drf', [row]))?.key).toMatchObject({ createdAt: '2024-01-01T12:00:00.500Z', name: 'x' });
    expect(only(plan('drf', [{ ...row, revoked: 't', expiry_date: '2026-01-01T00:00:00' }]))?.key).toMatchObject({
      revokedAt: NOW,
      revokedReason: 'revoked before it was imported',
      expiresAt: '2026-01-01T00:00:00.000Z',
    });
  });

  it('reads the owner from a custom column, and shortens a long name', () => {
    const keys = only(plan('drf', [{ ...row, organization_id: 7, name: 'n'.repeat(120) }], [], 'organization_id'));
    expect(keys?.key).toMatchObject({ ownerId: '7', name: 'n'.repeat(100) });
    expect(keys?.without).toEqual(['the end of its name']);
  });

  it('reports keys whose owner column is empty', () => {
    const rows = [
      { ...row, team: 'a' },
      { ...row, prefix: 'ijklmnop', team: '' },
    ];
    expect(plan('drf', rows, [], 'team').keys.map(({ without }) => without)).toEqual([[], ['an owner']]);
    expect(plan('drf', rows).keys.map(({ without }) => without)).toEqual([[], []]);
  });

  it('says why a row cannot be imported', () => {
    const bad = [
      { ...row, prefix: '' },
      { ...row, hashed_key: 'argon2$argon2id$v=19$x' },
      { ...row, hashed_key: `pbkdf2_sha256$9000000$s$${'A'.repeat(43)}=` },
      { ...row, created: 'once' },
      { ...row, revoked: 'perhaps' },
    ];
    expect(reasons(plan('drf', bad))).toEqual([
      expect.stringContaining('prefix: not the 8 letters'),
      'its digest algorithm argon2 is not supported',
      expect.stringContaining('more than 1200000 PBKDF2 iterations'),
      expect.stringMatching(/^created: not a time; use ISO 8601/),
      expect.stringMatching(/^revoked: not a boolean; use/),
    ]);
  });
});

describe('Better Auth', () => {
  const key = 'acme_' + 'abcDEF'.repeat(11).slice(0, 64);
  const row = { key: sha('sha256', key, 'base64url'), name: 'x', userId: 'u1', createdAt: 1_700_000_000_000 };

  it('reads hashed keys, and plain keys if hashing was disabled', () => {
    expectToBeFound(plan('better-auth', [row]), key);
    expectToBeFound(plan('better-auth', [{ ...row, key }]), key);
    expect(only(plan('better-auth', [row]))?.key).toMatchObject({
      ownerId: 'u1',
      createdAt: '2023-11-14T22:13:20.000Z',
    });
  });

  it('keeps metadata that Latchkey can store, and reports the rest', () => {
    const keys = only(
      plan('better-auth', [{ ...row, metadata: '{"plan":"pro","team":{"id":1},"a b":1}', remaining: 5 }]),
    );
    expect(keys?.key.metadata).toEqual({ plan: 'pro' });
    expect(keys?.without).toEqual(['metadata "team"', 'metadata "a b"', 'its number of remaining uses']);
  });

  it('rejects a key with permissions unless it gets scopes', () => {
    const limited = { ...row, permissions: '{"files":["read"]}' };
    expect(reasons(plan('better-auth', [limited]))).toEqual([expect.stringContaining('it has permissions')]);
    expect(only(plan('better-auth', [limited], ['GET /files/*']))?.key.scopes).toEqual(['GET /files/*']);
    expect(only(plan('better-auth', [{ ...row, permissions: null }]))).toBeDefined();
  });

  it('says why a row cannot be imported', () => {
    const bad = [{ ...row, key: 'x' }, { ...row, key: '' }, { ...row, remaining: 0 }, { name: 'x' }];
    expect(reasons(plan('better-auth', bad)).map((reason) => reason.split(':')[0])).toEqual([
      'key',
      'key',
      'it has no uses left',
      expect.stringContaining('key'),
    ]);
  });
});

describe('Unkey', () => {
  const key = 'prod_3ZVv9mYkQ2sH7cXw8TnBfR';

  it('reads a hash, plain or in the form of the migration API', () => {
    for (const hash of [
      sha('sha256', key, 'base64'),
      sha('sha256', key, 'hex'),
      { value: sha('sha256', key, 'base64'), variant: 'sha256_base64' },
    ])
      expectToBeFound(plan('unkey', [{ hash, name: 'x' }]), key);
  });

  it('reads keys of prefixed-api-key, whose long part alone is hashed', () => {
    const prefixed = `my_company_BRTRKFsL_${'7'.repeat(24)}`;
    const hash = { value: sha('sha256', '7'.repeat(24), 'hex'), variant: 'github.com/seamapi/prefixed-api-key' };
    expectToBeFound(plan('unkey', [{ hash }]), prefixed);
    expect(only(plan('unkey', [{ hash }]))?.key.importedFrom).toBe('prefixed-api-key');
  });

  it('says why a row cannot be imported', () => {
    const hash = sha('sha256', key, 'base64');
    expect(reasons(plan('unkey', [{ hash: 'x' }, { hash, roles: ['admin'] }, { hash, remaining: 0 }, {}]))).toEqual([
      'hash: not a SHA-256 hash in base64 or hex',
      expect.stringContaining('it has permissions'),
      'it has no uses left',
      expect.stringContaining('hash'),
    ]);
  });
});

describe('API Gateway', () => {
  const value = randomBase62(40, randomBytes);

  it('reads the output of get-api-keys, and CSV', () => {
    const json = {
      items: [
        {
          id: 'k1',
          value,
          name: 'x',
          enabled: true,
          createdDate: '2024-05-01T10:00:00+02:00',
          customerId: 'c1',
          stageKeys: ['a/prod'],
        },
      ],
    };
    expectToBeFound(plan('api-gateway', JSON.stringify(json)), value);
    // Version 1 of the AWS CLI counts seconds.
    const seconds = only(plan('api-gateway', [{ value, createdDate: 1_714_550_400.5 }]));
    expect(seconds?.key.createdAt).toBe('2024-05-01T08:00:00.500Z');
    const keys = only(plan('api-gateway', JSON.stringify(json)));
    expect(keys?.key).toMatchObject({ ownerId: 'c1', createdAt: '2024-05-01T08:00:00.000Z' });
    expect(keys?.without).toEqual(['its usage plans']);
    expectToBeFound(plan('api-gateway', `name,key,description,Enabled,usageplanIds\nx,${value},d,TRUE,\n`), value);
  });

  it('imports a disabled key as disabled', () => {
    const { key } = only(plan('api-gateway', [{ value, name: 'x', enabled: false }])) ?? {};
    expect(key).toMatchObject({ disabledAt: NOW, disabledReason: 'disabled before it was imported' });
    expect(key).not.toHaveProperty('revokedAt');
  });

  it('does not keep the values of the keys', () => {
    expect(JSON.stringify(plan('api-gateway', [{ value, name: 'x' }]))).not.toContain(value);
  });

  it('says why a row cannot be imported', () => {
    const drfLike = `abcdefgh.${'s'.repeat(32)}`;
    expect(reasons(plan('api-gateway', [{ name: 'x' }, { value: 'short' }, { value: drfLike }]))).toEqual([
      expect.stringContaining('--include-values'),
      expect.stringContaining('does not have the format'),
      expect.stringContaining('format of a drf key'),
    ]);
  });
});

describe('the generic format', () => {
  const key = 'any-key-of-mine-1234567890';

  it('reads keys and digests', () => {
    expectToBeFound(plan('generic', [{ key, name: 'x' }]), key);
    expectToBeFound(plan('generic', [{ digest: `sha256$${sha('sha256', key, 'base64url')}`, name: 'x' }]), key);
    expect(JSON.stringify(plan('generic', [{ key, name: 'x' }]))).not.toContain(key);
  });

  it('reads a key that also has another format, unless the deployment accepts that format', () => {
    const prefixed = `sk_live_${randomBase62(24, randomBytes)}`;
    const rows = [{ key: prefixed, name: 'x' }];
    const taking = (...formats: ImportedFormat[]) => plan('generic', rows, [], undefined, formats);
    expectToBeFound(taking('sha256'), prefixed, ['sha256']);
    expectToBeFound(taking('drf', 'sha256'), prefixed, ['drf', 'sha256']);
    expect(reasons(taking('prefixed-api-key', 'sha256'))).toEqual([
      'its value has the format of a prefixed-api-key key, so the authorizer would not find it; remove prefixed-api-key from importedFormats first',
    ]);
  });

  it('says why a row cannot be imported', () => {
    expect(
      reasons(plan('generic', [{ name: 'x' }, { key, digest: 'x', name: 'x' }, { key }, { key: 'short', name: 'x' }])),
    ).toEqual([
      'it has no digest and no key; give one of them',
      'it has a key and a digest; remove one of them',
      expect.stringContaining('name'),
      expect.stringContaining('does not have the format'),
    ]);
  });
});
