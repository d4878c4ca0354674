import { expect, it } from 'vitest';
import { readRequest } from '../../../src/authorizer/request.ts';
import { restrictedRequestOf } from '../../../src/authorizer/restricted-request.ts';
import { restEvent } from '../../support/authorizer/events.ts';

const ORIGIN = 'https://app.example.com';
const REFERER = 'https://app.example.com/page';
const originOf = (headers: Record<string, string>, multiValueHeaders = {}) =>
  restrictedRequestOf(readRequest({ ...restEvent({ headers }), multiValueHeaders })).origin;

it('takes the origin from the Referer header only if there is no Origin header', () => {
  expect(originOf({ Origin: ORIGIN, Referer: 'https://evil.com/' })).toBe(ORIGIN);
  expect(originOf({ Referer: REFERER })).toBe(REFERER);
  expect(originOf({ origin: 'null', Referer: REFERER })).toBe('null');
  expect(originOf({ origin: '', Referer: REFERER })).toBe('');
  expect(originOf({})).toBe('');
});

it('takes no origin from a repeated header', () => {
  expect(originOf({ Referer: REFERER }, { Origin: [ORIGIN, ORIGIN] })).toBe('');
});

it('returns empty strings for missing parts of the request', () => {
  const request = readRequest(restEvent({}));
  expect(restrictedRequestOf({ ...request, sourceIp: undefined }).sourceIp).toBe('');
});
