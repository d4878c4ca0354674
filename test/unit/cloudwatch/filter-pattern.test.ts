import { expect, it } from 'vitest';
import { filterPattern } from '../../support/cloudwatch/filter-pattern.ts';

// The examples of https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html
it.each([
  ['ERROR', '[ERROR 400] BAD REQUEST', true],
  ['ERROR ARGUMENTS', '[ERROR 419] MISSING ARGUMENTS', true],
  ['ERROR ARGUMENTS', '[ERROR 400] BAD REQUEST', false],
  ['?ERROR ?ARGUMENTS', '[ERROR 400] BAD REQUEST', true],
  ['?ERROR ?ARGUMENTS', '[WARN] BAD REQUEST', false],
  ['"INTERNAL SERVER ERROR"', '[ERROR 500] INTERNAL SERVER ERROR', true],
  ['ERROR -ARGUMENTS', '[ERROR 419] MISSING ARGUMENTS', false],
  ['ERROR -ARGUMENTS', '[ERROR 400] BAD REQUEST', true],
  ['%AUTHORIZED%', '[ERROR 401] UNAUTHORIZED REQUEST', true],
  ['%^[hc]at%', 'hat', true],
  ['%^[hc]at%', 'a hat', false],
])('matches the pattern %s against the line "%s": %s', (pattern, line, expected) => {
  expect(filterPattern(pattern)(line)).toBe(expected);
});

it.each(['%something!%', '%(a|b)%', '%a b%', '?ERROR -ARGUMENTS', '%open', 'a'.repeat(1025)])(
  'rejects the pattern %s, as CloudWatch Logs does or as its documentation leaves open',
  (pattern) => {
    expect(() => filterPattern(pattern)).toThrow();
  },
);
