import type { z } from 'zod';

/** What zod calls the types that JSON has, in the words of the descriptions. */
const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
};

/** What is wrong where a schema has no words of its own for it; `undefined` leaves it to zod. */
export function faultMessage(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return 'missing';
      return issue.expected in TYPES ? `not ${TYPES[issue.expected] ?? ''}` : undefined;
    case 'too_small':
      if (isNumber(issue)) return 'too small';
      return Number(issue.minimum) === 1 ? 'empty' : 'too short';
    case 'too_big':
      return isNumber(issue) ? 'too large' : 'too long';
    default:
      return undefined;
  }
}

function isNumber({ origin }: { readonly origin?: unknown }): boolean {
  return origin === 'number' || origin === 'int';
}
