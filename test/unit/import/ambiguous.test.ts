import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planImport, type Plan } from '../../../cli/import/plan.ts';
import { readFileRows, readRows } from '../../../cli/import/read-rows.ts';
import { SOURCES, type SourceName } from '../../../cli/import/sources.ts';
import { IMPORTED_FORMATS } from '../../../src/core/keys/imported-key.ts';

const NOW = '2027-01-01T00:00:00.000Z';
const DIGEST = createHash('sha512').update('x').digest('hex');
const HASH = createHash('sha256').update('x').digest('base64url');

function plan(from: SourceName, text: string, options: { scopes?: string[]; ownerField?: string } = {}): Plan {
  const { scopes = ['GET /orders'], ownerField } = options;
  return planImport(readRows(text), SOURCES[from], {
    scopes,
    allowUnscoped: false,
    ownerField,
    importedFormats: IMPORTED_FORMATS,
    now: NOW,
  });
}

/** The reasons of all problems, after their row numbers. */
const problems = (result: Plan) => result.problems.map(({ row, reason }) => `${String(row)} ${reason}`);
const keys = (result: Plan) => {
  expect(result.problems).toEqual([]);
  return result.keys.map(({ key }) => key);
};

/** One row of Better Auth, as JSON text: what JavaScript would have lost is still in it. */
const betterAuth = (more: string) => `[{"key":"${HASH}","createdAt":"2026-01-01T00:00:00Z"${more && `,${more}`}}]`;
/** One row of djangorestframework-api-key, as CSV. */
const drf = ({ header = '', cells = '', created = '2026-01-01 00:00:00+00' } = {}) =>
  `prefix,hashed_key,created${header}\nabcdefgh,sha512$$${DIGEST},${created}${cells}\n`;

describe('columns', () => {
  it.each(['revoked,revoked', 'revoked,Revoked', 'revoked, revoked ', 'revoked,\uFEFFrevoked', 'revoked,REVOKED'])(
    'rejects a CSV header with the columns %s',
    (columns) => {
      expect(() => plan('drf', drf({ header: `,${columns}`, cells: ',f,t' }))).toThrow(
        /^The header has the column ".*" twice: columns 4 and 5\./i,
      );
    },
  );

  it('rejects a column named __proto__', () => {
    expect(() => plan('drf', drf({ header: ',__proto__', cells: ',f' }))).toThrow(
      'Column 4 of the header has the name "__proto__". Rename or remove it.',
    );
  });

  it.each(['NextToken', 'nextToken', 'position'])(
    'rejects a list of keys with a %s, which is not complete',
    (field) => {
      const text = JSON.stringify({ items: [{ id: 'a', value: 'x'.repeat(20) }], [field]: 'eyJ' });
      expect(() => plan('api-gateway', text)).toThrow(
        `The file has a ${field}, so it is only the first part of a list.`,
      );
    },
  );

  it('rejects a column without a name', () => {
    expect(() => plan('drf', drf({ header: ',', cells: ',f' }))).toThrow('Column 4 of the header has no name.');
  });

  it('rejects a row with more or fewer cells than the header has columns', () => {
    for (const cells of [',f,t', ''])
      expect(() => plan('drf', drf({ header: ',revoked', cells }))).toThrow(
        /^Row 1 \(line 2\) has more or fewer cells/,
      );
  });

  it('reads a quoted line break as part of the cell', () => {
    expect(keys(plan('drf', drf({ header: ',name', cells: ',"a\nb"' })))[0]?.name).toBe('a\nb');
  });

  it.each(['Revoked', 'REVOKED', 'Expiry Date', 'expiryDate'])(
    'rejects the column %s, which would be overlooked because of its spelling',
    (column) => {
      expect(problems(plan('drf', drf({ header: `,${column}`, cells: ',t' })))).toEqual([
        expect.stringMatching(/^1 ".*": not a field of this format; rename it to/),
      ]);
    },
  );

  it.each(['"enabled":true,"enabled":false', '"enabled":false,"enabled":true', '"enabled":true,"Enabled":false'])(
    'rejects the JSON fields %s',
    (fields) => {
      expect(problems(plan('better-auth', betterAuth(fields)))).toEqual([expect.stringMatching(/^1 "?enabled"?: /i)]);
    },
  );

  it('rejects a field that is repeated inside metadata', () => {
    const twice = '"metadata":{"tenant":"a","tenant":"b"}';
    expect(problems(plan('better-auth', betterAuth(twice)))).toEqual([
      '1 metadata.tenant: given twice, with different values',
    ]);
    const inText = `"metadata":${JSON.stringify('{"tenant":"a","tenant":"b"}')}`;
    expect(problems(plan('better-auth', betterAuth(inText)))).toEqual([
      '1 metadata: tenant: given twice, with different values',
    ]);
  });

  it('rejects two fields for the owner that differ', () => {
    expect(problems(plan('better-auth', betterAuth('"userId":"a","referenceId":"b"')))).toEqual([
      '1 userId: differs from referenceId, which means the same; remove one of them',
    ]);
    expect(keys(plan('better-auth', betterAuth('"userId":"a","referenceId":"a"')))[0]?.ownerId).toBe('a');
  });

  it('rejects a file with two lists of keys', () => {
    expect(() => readRows('{"items":[{"a":1}],"keys":[{"a":2}]}')).toThrow('more than one list of keys: items, keys');
  });

  it('rejects all rows that have the same id and differ', () => {
    const csv = `prefix,hashed_key,created,revoked\n${['f', 't'].map((revoked) => `abcdefgh,sha512$$${DIGEST},2026-01-01,${revoked}\n`).join('')}`;
    expect(plan('drf', csv)).toEqual({
      keys: [],
      problems: [1, 2].map((row) => ({
        row,
        prefix: 'drf.abcdefgh',
        reason: 'rows 1, 2 have the same id and differ; remove the wrong ones',
      })),
    });
  });

  it.each(['[{"a":1},]', '[{"a":1,}]', '[{"a":1} {"a":2}]', '[{"a":NaN}]', '[{"a":-Infinity}]', '[{"a":01}]'])(
    'rejects %s, naming the line',
    (text) => {
      expect(() => readRows(text)).toThrow('Line 1 is not valid JSON.');
    },
  );
});

describe('ids and names', () => {
  it.each([
    ['1234567824702058497', '1234567824702058497'],
    ['1234567824702058499', '1234567824702058499'],
    ['9007199254740993', '9007199254740993'],
    ['7', '7'],
    ['"7"', '7'],
    ['"1234567824702058497"', '1234567824702058497'],
    ['{"$oid":"507f1f77bcf86cd799439011"}', '507f1f77bcf86cd799439011'],
    ['{"$numberLong":"1234567824702058497"}', '1234567824702058497'],
    ['{"$numberInt":"7"}', '7'],
    ['"ObjectId(507f1f77bcf86cd799439011)"', '507f1f77bcf86cd799439011'],
  ])('reads the owner id %s digit by digit', (json, ownerId) => {
    expect(keys(plan('better-auth', betterAuth(`"userId":${json}`)))[0]?.ownerId).toBe(ownerId);
  });

  it('keeps every digit of any whole number', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 10n ** 60n }), (id) => {
        expect(keys(plan('better-auth', betterAuth(`"userId":${String(id)}`)))[0]?.ownerId).toBe(String(id));
      }),
    );
  });

  it.each([
    ...['1.23457E+18', '1e3', '1.5', '7.0', '-0', '1e400'],
    ...['"1.23457E+18"', '"1,23457E+18"', '"1e3"', '"7.0"', '"null"', '"NULL"', '"undefined"', '"NaN"', '"\\\\N"'],
    ...['"[object Object]"', 'true', '{}', '{"id":7}', '[7]', '{"$numberDouble":"NaN"}', '{"$binary":"AA=="}'],
    ...['"\\ud83d"', '"a\\udc00b"'],
  ])('rejects the owner id or name %s', (json) => {
    for (const field of ['userId', 'referenceId', 'name'])
      expect(problems(plan('better-auth', betterAuth(`"${field}":${json}`)))).toEqual([
        expect.stringMatching(new RegExp(`^1 ${field}: `)),
      ]);
    expect(problems(plan('better-auth', betterAuth(`"team":${json}`), { ownerField: 'team' }))).toEqual([
      expect.stringMatching(/^1 team: /),
    ]);
  });

  it('rejects a number that a spreadsheet has rounded, in the CSV of any issuer', () => {
    const key = 'any-key-of-mine-1234567890';
    for (const ownerId of ['1.23457E+18', 'NULL', '\\N', '7.0'])
      expect(problems(plan('generic', `key,name,ownerId\n${key},x,${ownerId}\n`))).toEqual([
        expect.stringMatching(/^1 ownerId: /),
      ]);
  });

  it('restores any name and owner of an export', () => {
    const exported = { prefix: 'abcdefghijkl', digest: 'x', name: 'null', ownerId: '1e3', scopes: [] };
    expect(keys(plan('generic', JSON.stringify(exported)))[0]).toMatchObject(exported);
  });

  it('rejects a number in an export that JavaScript cannot hold', () => {
    const line = '{"prefix":"abcdefghijkl","digest":"x","name":"x","scopes":[],"metadata":{"id":9007199254740993}}';
    expect(problems(plan('generic', line))).toEqual([
      expect.stringMatching(/^1 metadata\.id: a number with more digits/),
    ]);
  });
});

describe('booleans', () => {
  it.each(['true', 'TRUE', 'True', 't', '1', 'yes', 'Y'])('reads %s as true', (cell) => {
    expect(keys(plan('drf', drf({ header: ',revoked', cells: `,${cell}` })))[0]?.revokedAt).toBe(NOW);
  });
  it.each(['false', 'FALSE', 'f', '0', 'no', 'N'])('reads %s as false', (cell) => {
    expect(keys(plan('drf', drf({ header: ',revoked', cells: `,${cell}` })))[0]?.revokedAt).toBeUndefined();
  });
  it.each(['2', '-1', '1.0', 'on', 'WAHR', 'null', '', '""', 'nein'])('rejects "%s"', (cell) => {
    expect(problems(plan('drf', drf({ header: ',revoked', cells: `,${cell}` })))).toEqual([
      expect.stringMatching(/^1 revoked: not a boolean; use true/),
    ]);
  });
});

describe('times', () => {
  const expiry = (json: string) => plan('better-auth', betterAuth(`"expiresAt":${json}`));

  it.each([
    ['"2027-01-31"', '2027-01-31T00:00:00.000Z'],
    ['"2027-01-31T12:00:00Z"', '2027-01-31T12:00:00.000Z'],
    ['"2027-01-31T12:00:00+02:00"', '2027-01-31T10:00:00.000Z'],
    ['"2027-01-31T12:00:00.123456+0530"', '2027-01-31T06:30:00.123Z'],
    ['"2027-01-31 12:00:00.5-08"', '2027-01-31T20:00:00.500Z'],
    ['"2027-01-31 12:00:00"', '2027-01-31T12:00:00.000Z'],
    ['"2027-01-31T12:00:00"', '2027-01-31T12:00:00.000Z'],
    ['"2028-02-29"', '2028-02-29T00:00:00.000Z'],
    ['1800000000', '2027-01-15T08:00:00.000Z'],
    ['1800000000.25', '2027-01-15T08:00:00.250Z'],
    ['1800000000000', '2027-01-15T08:00:00.000Z'],
    ['"1800000000000"', '2027-01-15T08:00:00.000Z'],
    ['{"$date":"2027-01-15T08:00:00Z"}', '2027-01-15T08:00:00.000Z'],
    ['{"$date":"2027-01-15T03:00:00.000-0500"}', '2027-01-15T08:00:00.000Z'],
    ['{"$date":1800000000000}', '2027-01-15T08:00:00.000Z'],
    ['{"$date":{"$numberLong":"1800000000000"}}', '2027-01-15T08:00:00.000Z'],
    ['{"$numberLong":"1800000000000"}', '2027-01-15T08:00:00.000Z'],
  ])('reads %s, regardless of the time zone of the machine', (json, expected) => {
    const zone = process.env['TZ'];
    try {
      for (const machine of ['America/Los_Angeles', 'Asia/Kolkata', 'UTC']) {
        process.env['TZ'] = machine;
        expect(keys(expiry(json))[0]?.expiresAt).toBe(expected);
      }
    } finally {
      if (zone === undefined) delete process.env['TZ'];
      else process.env['TZ'] = zone;
    }
  });

  it.each([
    ...['"01/12/2026"', '"2027-02-30"', '"2027-02-29"', '"2027-1-31"', '"31.01.2027"', '"Jan 31 2027"', '"2027"'],
    ...['"2027-01-31T24:00:00Z"', '"2027-01-31T12:00:00 CET"', '"2027-01-31 12:00:00 PM"', '"20270131"', '20270131'],
    ...['20270131120000', '180000000', '180000000000', '1800000000000000', '1.8e12', '"1.8E+12"', '-1800000000'],
    ...['"now"', '"90d"', '"infinity"', 'true', '{}', '[]', '"+010000-01-01T00:00:00Z"', '"10000-01-01"', '"null"'],
    ...['{"$date":"yesterday"}', '{"$date":{}}', '"2027-01-31T12:00:00+25:00"', '46388', '"46388.5"'],
  ])('rejects %s', (json) => {
    expect(problems(expiry(json))).toEqual([expect.stringMatching(/^1 expiresAt: not a time/)]);
  });

  it('reads back any time that it writes', () => {
    const times = fc.date({ min: new Date(0), max: new Date('9999-12-30'), noInvalidDate: true });
    fc.assert(
      fc.property(times, (time) => {
        expect(keys(expiry(JSON.stringify(time.toISOString())))[0]?.expiresAt).toBe(time.toISOString());
      }),
    );
  });
});

describe('metadata', () => {
  const metadata = (json: string) => plan('better-auth', betterAuth(`"metadata":${json}`));
  const times = (object: object, count: number) =>
    Array.from({ length: count }).reduce<string>((text) => JSON.stringify(text), JSON.stringify(object));

  it.each([0, 1, 2])('keeps an object that was serialized %i more times', (more) => {
    expect(keys(metadata(times({ tenant: 'acme', seats: 5 }, more)))[0]?.metadata).toEqual({
      tenant: 'acme',
      seats: 5,
    });
  });

  it.each(['"text"', '"{"', '"{\\"a\\":NaN}"', '[]', '["a"]', '7', 'true', '"7"', '"[1]"'])('rejects %s', (json) => {
    expect(problems(metadata(json))).toEqual(['1 metadata: not an object or JSON of an object']);
  });

  it.each(['null', '""', '"null"', '{}', '"{}"'])('reads %s as no metadata', (json) => {
    const [keys] = metadata(json).keys;
    expect(keys).toMatchObject({ key: { metadata: {} }, without: [] });
  });

  it('reports every field that cannot be kept', () => {
    const [keys] = metadata('{"__proto__":"x","team":{"id":1},"a b":1,"ok":"y"}').keys;
    expect(keys?.key.metadata).toEqual({ ok: 'y' });
    expect(keys?.without).toEqual(['metadata "__proto__"', 'metadata "team"', 'metadata "a b"']);
  });

  it('rejects a number that would lose digits', () => {
    for (const number of ['9007199254740993', '0.12345678901234567890', '1e400'])
      expect(problems(metadata(`{"id":${number}}`))).toEqual([
        '1 metadata: id: a number with more digits than can be kept; make it a string',
      ]);
    expect(keys(metadata('{"a":1.0,"b":1e3,"c":0.1}'))[0]?.metadata).toEqual({ a: 1, b: 1000, c: 0.1 });
  });

  it('rejects a number of remaining uses that is not a whole number', () => {
    for (const remaining of ['-1', '1.5', '"1e3"', 'true', '"many"'])
      expect(problems(plan('better-auth', betterAuth(`"remaining":${remaining}`)))).toEqual([
        '1 remaining: not a whole number; use 0 or more',
      ]);
    for (const none of ['0', '"0"', '{"$numberInt":"0"}'])
      expect(problems(plan('better-auth', betterAuth(`"remaining":${none}`)))).toEqual(['1 it has no uses left']);
  });
});

describe('text', () => {
  const bytes = (text: string, encoding: BufferEncoding) => Buffer.from(text, encoding);
  const csv = `key,name,ownerId\nany-key-of-mine-1234567890,plain,acme\nany-key-of-mine-1234567891,Café,acme\n`;

  it('rejects a file that is not UTF-8, naming line, row and column', () => {
    expect(() => readFileRows(bytes(csv, 'latin1'))).toThrow(
      'Line 3 (row 2, column "name") is not valid UTF-8. Give the encoding of the file, for example --encoding windows-1252.',
    );
    const json = '[\n{"name":"plain"},\n{"name":"Café"}]';
    expect(() => readFileRows(bytes(json, 'latin1'))).toThrow(/^Line 3 \(row 2, column "name"\) is not valid UTF-8/);
  });

  it('rejects a file that ends inside a character', () => {
    expect(() => readFileRows(bytes('a\né', 'utf8').subarray(0, 3))).toThrow(/^Line 2 \(row 1, column "a"\)/);
  });

  it.each([
    ['latin1', 'windows-1252', ''],
    ['utf16le', 'utf-16le', ''],
    ['utf16le', undefined, '\uFEFF'],
    ['utf16le', undefined, ''],
    ['utf8', undefined, '\uFEFF'],
    ['utf8', 'utf-8', ''],
  ] as const)('reads %s with --encoding %s', (encoding, option, mark) => {
    expect(readFileRows(bytes(mark + csv, encoding), option)[1]?.fields).toEqual({
      key: 'any-key-of-mine-1234567891',
      name: 'Café',
      ownerId: 'acme',
    });
  });

  it('rejects an encoding that it does not know, or that the byte order mark contradicts', () => {
    expect(() => readFileRows(bytes(csv, 'utf8'), 'ebcdic')).toThrow(/^"ebcdic" is not an encoding/);
    expect(() => readFileRows(bytes(`\uFEFF${csv}`, 'utf8'), 'latin1')).toThrow(/byte order mark of utf-8/);
    expect(() => readFileRows(bytes(csv.replace('Café', '上海'), 'utf16le'))).toThrow(/NUL bytes/);
  });

  it('shortens a name between grapheme clusters', () => {
    const family = '👩‍👩‍👧‍👦';
    for (const name of ['n'.repeat(99) + family, 'n'.repeat(99) + '😀', 'n'.repeat(99) + 'e\u0301'])
      expect(keys(plan('better-auth', betterAuth(`"name":${JSON.stringify(name)}`)))[0]?.name).toBe('n'.repeat(99));
  });

  it('never cuts any name inside a grapheme cluster', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 90, maxLength: 130 }), (name) => {
        const fitting = plan('unkey', JSON.stringify([{ hash: `${'A'.repeat(43)}=`, name: `a${name}` }]));
        for (const key of keys(fitting)) {
          expect(key.name.isWellFormed()).toBe(true);
          expect(key.name.length).toBeLessThanOrEqual(100);
        }
      }),
    );
  });

  it('rejects a lone surrogate anywhere in a row', () => {
    for (const fields of [
      '"metadata":{"a":"\\ud83d"}',
      '"other":["\\udc00"]',
      '"metadata":"{\\"a\\":\\"\\\\ud83d\\"}"',
    ])
      expect(problems(plan('better-auth', betterAuth(fields)))).toEqual([expect.stringMatching(/lone surrogate/)]);
  });
});

describe('scopes', () => {
  const rows: Record<SourceName, string> = {
    drf: drf(),
    'better-auth': betterAuth(''),
    unkey: `[{"hash":"${'A'.repeat(43)}="}]`,
    'api-gateway': '[{"value":"an-api-gateway-value-1234567890"}]',
    generic: '[{"key":"any-key-of-mine-1234567890","name":"x"}]',
  };
  const sources = Object.keys(rows) as SourceName[];

  it.each(sources)('rejects a key of %s without scopes unless the user passes --scope or --allow-unscoped', (from) => {
    expect(problems(plan(from, rows[from], { scopes: [] }))).toEqual([
      '1 it has no scopes, so it could call every route; use --scope, or --allow-unscoped to import it anyway',
    ]);
    expect(keys(plan(from, rows[from], { scopes: ['GET /a'] }))[0]?.scopes).toEqual(['GET /a']);
  });

  it('rejects a key with permissions without --scope, even with --allow-unscoped', () => {
    const options = { scopes: [], allowUnscoped: true, importedFormats: IMPORTED_FORMATS, now: NOW };
    const text = betterAuth('"permissions":"\\"{\\\\\\"files\\\\\\":[\\\\\\"read\\\\\\"]}\\""');
    expect(problems(planImport(readRows(text), SOURCES['better-auth'], options))).toEqual([
      expect.stringContaining('it has permissions'),
    ]);
  });

  it('imports an exported key that was created without scopes', () => {
    const text = '{"prefix":"abcdefghijkl","digest":"x","name":"x","scopes":[]}';
    expect(keys(plan('generic', text, { scopes: [] }))[0]?.scopes).toEqual([]);
  });
});

describe('an empty file', () => {
  it.each(['', ' \n', '\uFEFF', '[]', '{"items":[]}', 'prefix,hashed_key,created\n'])('rejects %j', (text) => {
    expect(() => readFileRows(Buffer.from(text))).toThrow(/^The file (?:is empty|has no rows)\./);
  });
});
