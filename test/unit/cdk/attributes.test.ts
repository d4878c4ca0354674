import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { attributesOf } from '../../../cdk/attributes.ts';

const withDefault = (a: z.ZodType) => attributesOf(z.object({ a }), {});

describe('a default of an attribute', () => {
  it.each<[string, z.ZodType]>([
    ['the time in milliseconds', z.number().default(() => Date.now())],
    ['the day', z.string().default(() => new Date().toISOString().slice(0, 10))],
    ['the day, from Date as a function', z.string().default(() => Date().slice(0, 15))],
    ['the year', z.number().default(() => new Date().getFullYear())],
    ['the time of day', z.string().default(() => new Date().toISOString().slice(11, 19))],
    [
      'the time under wrappers',
      z
        .number()
        .default(() => Date.now())
        .optional()
        .readonly(),
    ],
  ])('fails the synthesis if a default is %s', (_what, field) => {
    expect(() => withDefault(field)).toThrow('accepted: a constant default');
  });

  it.each<[string, z.ZodType, unknown]>([
    ['a constant', z.string().default('free'), 'free'],
    ['a fixed date', z.string().default('2026-12-01'), '2026-12-01'],
    [
      'a date computed from a fixed time',
      z.string().default(() => new Date(0).toISOString()),
      '1970-01-01T00:00:00.000Z',
    ],
  ])('accepts a default that is %s', (_what, field, value) => {
    expect(withDefault(field).properties['a']).toMatchObject({ default: value });
  });

  it('does not leave the clock changed after a failed evaluation of a default', () => {
    const before = Date;
    const failing = z.string().default(() => {
      if (Date !== before) throw new Error('the default failed');
      return 'a';
    });
    expect(() => withDefault(failing)).toThrow('the default failed');
    expect(Date).toBe(before);
  });
});
