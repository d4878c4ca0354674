import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '../../../src/management/errors.ts';
import { inputOf, type ProxyEvent } from '../../../src/management/proxy-event.ts';

function faultsOf(event: ProxyEvent): unknown {
  try {
    return { input: inputOf(event) };
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    return error.faults;
  }
}
const get = (rest: Partial<ProxyEvent>): ProxyEvent => ({ requestContext: { httpMethod: 'GET' }, ...rest });
const post = (body: string): ProxyEvent => ({ requestContext: { httpMethod: 'POST' }, body });

describe('a query', () => {
  it.each<[string, Partial<ProxyEvent>]>([
    ['1.0', { multiValueQueryStringParameters: { ownerId: ['a', 'b'] }, queryStringParameters: { ownerId: 'b' } }],
    ['2.0', { rawQueryString: 'limit=5&ownerId=a&ownerId=b', queryStringParameters: { ownerId: 'a,b', limit: '5' } }],
    ['2.0, encoded', { rawQueryString: 'ownerId=a&owner%49d=b', queryStringParameters: { ownerId: 'a,b' } }],
  ])('rejects a query with a repeated parameter in payload %s', (_version, event) => {
    expect(faultsOf(get(event))).toEqual([expect.objectContaining({ field: 'ownerId', accepted: 'one value' })]);
  });

  it('reads a query with each parameter once, also if a value has a comma', () => {
    const queryStringParameters = { name: 'a,b', ownerId: 'c' };
    const lists = { multiValueQueryStringParameters: { name: ['a,b'], ownerId: ['c'] } };
    expect(inputOf(get({ ...lists, queryStringParameters }))).toEqual(queryStringParameters);
    expect(inputOf(get({ rawQueryString: 'name=a,b&ownerId=c', queryStringParameters }))).toEqual(
      queryStringParameters,
    );
  });
});

describe('a body', () => {
  it.each([
    ['{"ownerId":"a","name":"n","ownerId":"b"}', 'ownerId'],
    ['{"ownerId":"a","owner\\u0049d":"b"}', 'ownerId'],
    ['{"limits":{"rate":"1/s","rate":"9/s"}}', 'rate'],
    ['{"n":1,"n":1.5}', 'n'],
  ])('rejects the body %s, because a field has two values', (body, field) => {
    expect(faultsOf(post(body))).toEqual([expect.objectContaining({ field, accepted: 'one value' })]);
  });

  it('keeps a field named __proto__, so that input validation rejects it', () => {
    expect(Object.keys(inputOf(post('{"__proto__":{"a":1}}')))).toEqual(['__proto__']);
  });
});

it.each([
  ['{"name":"a","name":"a"}', 'name'],
  ['{"name":"a","n\\u0061me":"a"}', 'name'],
  ['{"limits":{"burst":1,"burst" : 1}}', 'burst'],
  ['{"a":[{"b":{"c":1}},{"b":1,"b":1}]}', 'b'],
])('rejects a body that has a field more than once with one value: %s', (body, field) => {
  expect(() => inputOf({ requestContext: { httpMethod: 'POST' }, body })).toThrow(
    expect.objectContaining({ message: expect.stringContaining(field) as string }) as Error,
  );
});

it.each(['{"a":{"a":"a"},"b":["a","a",{"a":1},{"a":1}]}', '{"a":"\\"a\\":{","b":"{\\"a\\":1,\\"a\\":1}"}'])(
  'accepts a body that has each field once in its object: %s',
  (body) => {
    expect(inputOf({ requestContext: { httpMethod: 'POST' }, body })).toEqual(JSON.parse(body));
  },
);
