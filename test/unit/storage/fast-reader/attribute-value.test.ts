import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromValues, readItem } from '../../../../src/storage/fast-reader/attribute-value.ts';

/** Numbers as DynamoDB returns them: at most 38 digits. */
const number = fc.oneof(
  fc.integer().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e100, max: 1e100 }).map(String),
  fc.bigInt({ min: -(10n ** 38n) + 1n, max: 10n ** 38n - 1n }).map(String),
  fc.constantFrom('9007199254740991', '9007199254740992', '-9007199254740991', '-9007199254740992', '0', '1E+10'),
);

const { value } = fc.letrec<{ value: AttributeValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.string({ unit: 'binary' }).map((S) => ({ S })),
    number.map((N) => ({ N })),
    fc.boolean().map((BOOL) => ({ BOOL })),
    fc.constant({ NULL: true }),
    fc.array(number, { minLength: 1, maxLength: 3 }).map((NS) => ({ NS })),
    fc.array(fc.string(), { minLength: 1, maxLength: 3 }).map((SS) => ({ SS })),
    fc.uint8Array({ maxLength: 4 }).map((B) => ({ B })),
    fc.array(tie('value'), { maxLength: 3 }).map((L) => ({ L })),
    fc.dictionary(fc.string(), tie('value'), { maxKeys: 3 }).map((M) => ({ M })),
  ),
}));

/** The result, or the fact that it throws. */
function outcomeOf(read: () => unknown): unknown {
  try {
    return { item: read() };
  } catch {
    return 'throws';
  }
}

describe('an item of the fast reader', () => {
  it("is read as the SDK's unmarshall reads it, for values of all types", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), value, { maxKeys: 5 }), (item) => {
        expect(outcomeOf(() => readItem(item))).toEqual(outcomeOf(() => unmarshall(item)));
      }),
      { numRuns: 500 },
    );
  });

  it.each([{ N: 'abc' }, { N: '1e400' }, {}, { X: 'a' }])('treats the value %j as the SDK does', (damaged) => {
    const item = { field: damaged as unknown as AttributeValue };
    expect(outcomeOf(() => readItem(item))).toEqual(outcomeOf(() => unmarshall(item)));
  });
});

it("strings and numbers are written as the SDK's marshall writes them", () => {
  const values = fc.dictionary(fc.string(), fc.oneof(fc.string({ unit: 'binary' }), fc.maxSafeInteger()));
  fc.assert(
    fc.property(values, (given) => {
      expect(fromValues(given)).toEqual(marshall(given));
    }),
  );
});
