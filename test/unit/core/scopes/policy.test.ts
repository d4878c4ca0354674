import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allowPolicy, denyPolicy, parseRouteArn, permits, policyTooLarge } from '../../../../src/core/scopes/policy.ts';
import { iamPermits } from '../../../support/core/scopes/iam-evaluator.ts';

const API = 'arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5';
const STAGE = `${API}/prod`;
const arnOf = (call: string, stage = STAGE) => `${stage}/${call.replace(' ', '')}`;

/** Returns whether a key with these scopes may make this call. Checks that Latchkey and IAM evaluate the policy alike. */
function mayCall(scopes: string[], call: string, stage = STAGE): boolean {
  const policy = allowPolicy(scopes, STAGE, 'nothing');
  const ours = permits(policy, arnOf(call, stage));
  expect(iamPermits(policy, arnOf(call, stage)), 'IAM evaluates as we do').toBe(ours);
  return ours;
}

describe('the routes that a scope allows', () => {
  it.each([
    // scope, call, allowed
    ['GET /orders', 'GET /orders', true],
    ['GET /orders', 'POST /orders', false],
    ['GET /orders', 'GET /orders/', false],
    ['GET /orders', 'GET /orders/1', false],
    ['GET /orders', 'GET /Orders', false],
    ['GET /orders', 'get /orders', false],
    ['GET /orders', 'GET /ordersX', false],
    ['GET /orders', 'GET /v1/orders', false],
    ['GET /', 'GET /', true],
    ['GET /', 'GET /orders', false],
    ['GET /orders/', 'GET /orders/', true],
    ['GET /orders/', 'GET /orders', false],
    ['GET /orders/*', 'GET /orders/1', true],
    ['GET /orders/*', 'GET /orders/1/items/2', true],
    ['GET /orders/*', 'GET /orders/', true],
    ['GET /orders/*', 'GET /orders', false],
    ['GET /orders/*', 'GET /ordersX/1', false],
    ['GET /orders*', 'GET /orders', true],
    ['GET /orders*', 'GET /orders-archive', true],
    ['GET /*', 'GET /anything/at/all', true],
    ['GET /*', 'HEAD /anything', false],
    // in a path, a star also matches slashes, as in IAM
    ['GET /shops/*/orders', 'GET /shops/1/orders', true],
    ['GET /shops/*/orders', 'GET /shops/1/2/orders', true],
    ['GET /shops/*/orders', 'GET /shops/1/orders/2', false],
    ['GET /shops/*/orders', 'GET /shops/orders', false],
    // a star as the method is the seven methods, and never matches a slash
    ['* /orders/*', 'DELETE /orders/1', true],
    ['* /orders/*', 'OPTIONS /orders/1', true],
    ['* /orders/*', 'GET /admin/orders/1', false],
    ['* /*', 'PATCH /anything', true],
    // paths are compared as sent: percent-encoding is kept and bypasses nothing
    ['GET /orders/*', 'GET /orders/a%2Fb', true],
    ['GET /orders/*', 'GET /orders%2F1', false],
    ['GET /orders/*', 'GET /orders/%2Fadmin', true],
    ['GET /files/a%20b', 'GET /files/a%20b', true],
    ['GET /files/a%20b', 'GET /files/a b', true],
    // percent-encoded characters: digits in upper or lower case, or plain ASCII as it is
    ['GET /caf%c3%a9', 'GET /caf%C3%A9', true],
    ['GET /caf%C3%A9', 'GET /caf%c3%a9', true],
    ['GET /caf%C3%a9', 'GET /caf%c3%a9', true],
    ['GET /caf%C3%A9', 'GET /café', false],
    ['GET /a%2fb', 'GET /a%2Fb', true],
    ['GET /a%2Fb', 'GET /a/b', false],
    ['GET /a%2A', 'GET /abc', false],
    ['GET /a%3F', 'GET /ab', false],
    ['GET /a%24%7Bb%7D', 'GET /a${b}', false],
    ['GET /a%25b', 'GET /a%b', false],
    ['GET /%41', 'GET /A', true],
    ['GET /a%7Eb/*', 'GET /a~b/1', true],
    ['GET /times/*', 'GET /times/2026-01-01T00:00:00Z', true],
    // dot segments, plain and encoded
    ['GET /orders/*', 'GET /orders/../admin', false],
    ['GET /orders/*', 'GET /orders/1/..', false],
    ['GET /orders/*', 'GET /orders/.', false],
    ['GET /orders/*', 'GET /orders/./1', false],
    ['GET /orders/*', 'GET /orders/..;/admin', false],
    ['GET /orders/*', 'GET /orders/%2e%2e/admin', false],
    ['GET /orders/*', 'GET /orders/%2E%2e/admin', false],
    ['GET /orders/*', 'GET /orders/.%2E/admin', false],
    ['GET /orders/*', 'GET /orders/..%2Fadmin', false],
    ['GET /orders/*', 'GET /orders/1%2F..%2F..%2Fadmin', false],
    ['GET /orders/*', 'GET /orders/1%2f../admin', false],
    ['GET /orders/*', 'GET /orders/\\..\\admin', false],
    ['GET /orders/*', 'GET /orders/1%5C..%5Cadmin', false],
    ['GET /orders/*', 'GET /orders/1%5c..%5cadmin', false],
    ['GET /orders/*', 'GET /orders/%252e%252e/admin', false],
    ['GET /orders/*', 'GET /orders/%252E%252E%252Fadmin', false],
    ['GET /orders/*', 'GET /orders/%25252e%25252e/admin', false],
    ['GET /orders/*', 'GET /orders/.%252e/admin', false],
    ['GET /orders/*', 'GET /orders/%252f..%252fadmin', false],
    ['GET /orders/*', 'GET /orders/%255c..%255Cadmin', false],
    ['GET /orders/*', 'GET /orders/%252e', false],
    ['GET /orders/*', 'GET /orders/100%25', true],
    ['GET /orders/*', 'GET /orders/50%25-off.html', true],
    // the ARN of another call inside a path is just a path
    ['GET /orders', `GET /order${STAGE}/GET/orders`, false],
    ['GET /orders/*', `GET /x/${STAGE}/GET/orders/1`, false],
    ['GET /orders/*', 'GET /orders/v1.2..3', true],
    ['GET /orders/*', 'GET /orders/.well-known', true],
    // the route of a greedy proxy has its actual path
    ['POST /proxy/*', 'POST /proxy/a/b/c', true],
    ['POST /proxy/*', 'POST /proxy', false],
    // WebSocket
    ['$connect', '$connect', true],
    ['GET /*', '$connect', false],
    ['$connect', 'GET /orders', false],
  ])('evaluates the scopes %s for %s → %s', (scope, call, allowed) => {
    expect(mayCall([scope], call)).toBe(allowed);
  });

  it('allows what any of several scopes allows', () => {
    const scopes = ['GET /orders/*', 'POST /orders'];
    expect(mayCall(scopes, 'GET /orders/1')).toBe(true);
    expect(mayCall(scopes, 'POST /orders')).toBe(true);
    expect(mayCall(scopes, 'POST /orders/1')).toBe(false);
  });

  it.each([
    ['another stage', `${API}/dev`],
    ['a stage whose name has the same start', `${API}/prod2`],
    ['another API', STAGE.replace('a1b2c3d4e5', 'zzzzzzzzzz')],
    ['another account', STAGE.replace('123456789012', '210987654321')],
    ['another Region', STAGE.replace('eu-west-1', 'eu-west-2')],
  ])('never allows %s', (_where, stage) => {
    for (const scopes of [['* /*'], ['GET /*', '$connect']]) expect(mayCall(scopes, 'GET /orders', stage)).toBe(false);
    expect(iamPermits(allowPolicy([], STAGE, 'whole-stage'), arnOf('GET /orders', stage))).toBe(false);
  });

  it('returns the same policy for every route of a stage', () => {
    const stages = ['GET /orders/1', 'DELETE /admin', '$connect'].map((call) => parseRouteArn(arnOf(call))?.stageArn);
    expect(stages).toEqual([STAGE, STAGE, STAGE]);
  });
});

describe('a key without scopes', () => {
  it.each(['GET /', 'GET /orders/1', 'DELETE /a/b/c', '$connect', 'GET /orders/../admin'])(
    'allows the whole stage or nothing for a key without scopes, as configured: %s',
    (call) => {
      expect(iamPermits(allowPolicy([], STAGE, 'whole-stage'), arnOf(call))).toBe(true);
      expect(iamPermits(allowPolicy([], STAGE, 'nothing'), arnOf(call))).toBe(false);
    },
  );
});

it('treats a key with only named scopes like a key without scopes, because names allow no paths', () => {
  for (const unscopedKeys of ['whole-stage', 'nothing'] as const)
    expect(allowPolicy(['orders:read'], STAGE, unscopedKeys)).toEqual(allowPolicy([], STAGE, unscopedKeys));
  expect(allowPolicy(['orders:read', 'GET /a'], STAGE, 'whole-stage')).toEqual(
    allowPolicy(['GET /a'], STAGE, 'whole-stage'),
  );
});

describe('an invalid stored scope', () => {
  it('allows nothing for an invalid scope, alone or next to a valid one', () => {
    for (const bad of [
      '',
      '*',
      'GET',
      'GET *',
      '/orders',
      'GET /{id}',
      'GET /a?b',
      'TRACE /',
      'GET  /orders',
      'GET /${aws:userid}',
    ]) {
      expect(mayCall([bad], 'GET /orders'), bad).toBe(false);
      // API Gateway would respond with 500 to an Allow statement without resources.
      expect(allowPolicy([bad], STAGE, 'whole-stage')).toEqual(denyPolicy(STAGE));
      expect(mayCall([bad, 'POST /x'], 'GET /orders'), bad).toBe(false);
      expect(mayCall([bad, 'POST /x'], 'POST /x'), bad).toBe(true);
    }
  });
});

it('denies the whole stage, because API Gateway caches the policy for it', () => {
  for (const call of ['GET /', 'POST /orders/1', '$connect'])
    expect(iamPermits(denyPolicy(STAGE), arnOf(call))).toBe(false);
  expect(denyPolicy(STAGE)).toEqual({
    Version: '2012-10-17',
    Statement: [{ Action: 'execute-api:Invoke', Effect: 'Deny', Resource: [`${STAGE}/*`] }],
  });
});

describe('the evaluation of a policy', () => {
  const segment = fc.constantFrom(
    'orders',
    'a',
    '..',
    '.',
    'a%2Fb',
    '%2e',
    '%252E',
    'a b',
    '%25',
    '',
    'Orders',
    '$',
    'é',
    ':',
  );
  const path = fc.array(segment, { maxLength: 4 }).map((segments) => `/${segments.join('/')}`);
  const method = fc.constantFrom('GET', 'POST', 'OPTIONS', 'get');
  const pattern = fc.array(fc.constantFrom('orders', '*', 'a', 'o*s', '**', 'x-y', 'a%20b', 'a%2fb'), { maxLength: 4 });
  const scope = fc
    .tuple(fc.oneof(method, fc.constant('*')), pattern)
    .map(([verb, parts]) => `${verb} /${parts.join('/')}`);

  it('evaluates any scopes and calls as IAM does', () => {
    fc.assert(
      fc.property(fc.array(scope, { maxLength: 4 }), method, path, (scopes, verb, somePath) => {
        mayCall(scopes, `${verb} ${somePath}`);
      }),
      { numRuns: 500 },
    );
  });

  it('takes linear time for any number of stars in a scope', () => {
    const policy = allowPolicy([`GET /${'a*'.repeat(100)}b`], STAGE, 'nothing');
    // With backtracking, this would not finish.
    expect(permits(policy, `${STAGE}/GET/${'a'.repeat(1400)}`)).toBe(false);
  });
});

describe('the ARN of a call', () => {
  it.each([
    ['arn:aws:execute-api:us-east-1:123456789012:abc/prod/GET/', 'arn:aws:execute-api:us-east-1:123456789012:abc/prod'],
    [
      'arn:aws:execute-api:us-east-1:123456789012:abc/prod/GET/at/10:30:00/x',
      'arn:aws:execute-api:us-east-1:123456789012:abc/prod',
    ],
    [
      'arn:aws-cn:execute-api:cn-north-1:123456789012:abc/$default/GET/a',
      'arn:aws-cn:execute-api:cn-north-1:123456789012:abc/$default',
    ],
    [
      'arn:aws:execute-api:us-east-1:123456789012:abc/prod/$connect',
      'arn:aws:execute-api:us-east-1:123456789012:abc/prod',
    ],
  ])('parses the ARN %s of the stage %s', (arn, stageArn) => {
    expect(parseRouteArn(arn)).toEqual({ arn, stageArn });
  });

  it.each([
    '',
    'GET /',
    ' arn:aws:execute-api:us-east-1:123456789012:abc/prod/GET/',
    'arn:aws:execute-api:us-east-1:123456789012:abc',
    'arn:aws:execute-api:us-east-1:123456789012:abc/prod',
    'arn:aws:s3:::bucket/key/x',
  ])('rejects the ARN "%s"', (arn) => {
    expect(parseRouteArn(arn)).toBeUndefined();
  });
});

describe('a policy too large for API Gateway', () => {
  it('rejects scopes whose policy is too large, with a message that says what is accepted', () => {
    expect(policyTooLarge(['GET /orders', '* /items/*'])).toBeUndefined();
    expect(policyTooLarge([`GET /${'x'.repeat(320)}`])).toMatch(/accepted: at most [23]\d\d characters/);
    const many = Array.from({ length: 60 }, (_, index) => `GET /orders/${String(index)}`);
    expect(policyTooLarge(many)).toMatch(/8192; use fewer scopes/);
  });

  it('rejects scopes that are one character too long, and accepts the length that the message names', () => {
    const longest = Number(/at most (\d+)/.exec(policyTooLarge([`GET /${'x'.repeat(400)}`]) ?? '')?.[1]);
    expect(policyTooLarge([`OPTIONS /${'x'.repeat(longest - 1)}`])).toBeUndefined();
    expect(policyTooLarge([`OPTIONS /${'x'.repeat(longest)}`])).toMatch(/too long/);

    const scopes = Array.from({ length: 25 }, (_, index) => `GET /${String(10 + index)}${'x'.repeat(200)}`);
    const bytes = Number(/could have (\d+) bytes/.exec(policyTooLarge(scopes) ?? '')?.[1]);
    const shortened = (by: number) =>
      scopes.map((scope, index) => scope.slice(0, scope.length - Math.floor((by + index) / scopes.length)));
    expect(policyTooLarge(shortened(bytes - 8192))).toBeUndefined();
    expect(policyTooLarge(shortened(bytes - 8193))).toMatch(/8193 bytes/);
  });

  it('accepts only scopes whose policy fits the longest possible stage name', () => {
    const stage = `arn:aws-us-gov:execute-api:us-gov-west-1:123456789012:a1b2c3d4e5/${'s'.repeat(128)}`;
    fc.assert(
      fc.property(fc.array(fc.nat(400), { maxLength: 40 }), (lengths) => {
        const scopes = lengths.map((length, index) => `GET /${String(index)}${'x'.repeat(length)}`);
        fc.pre(policyTooLarge(scopes) === undefined);
        const policy = allowPolicy(scopes, stage, 'nothing');
        expect(Buffer.byteLength(JSON.stringify(policy))).toBeLessThanOrEqual(8192);
        for (const { Resource } of policy.Statement)
          for (const one of Resource) expect(one.length).toBeLessThanOrEqual(512);
      }),
    );
  });
});
