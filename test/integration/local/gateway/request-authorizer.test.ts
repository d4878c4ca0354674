import { describe, expect, it, onTestFinished } from 'vitest';
import { authorizerEvent } from '../../../../local/gateway/event.ts';
import type { GatewayRequest } from '../../../../local/gateway/http.ts';
import { RequestAuthorizer } from '../../../../local/gateway/request-authorizer.ts';
import { functionOf } from '../../../support/local/lambda/function-of.ts';

const ALLOW = {
  principalId: 'somebody',
  policyDocument: {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: 'execute-api:Invoke',
        Resource: 'arn:aws:execute-api:us-east-1:000000000000:sample/local/GET/*',
      },
    ],
  },
};

/** A REQUEST authorizer whose function runs the given code, and the number of its invocations. */
function authorizerOf(code: string) {
  const calls: string[] = [];
  const authorizer = functionOf(`console.log('asked'); ${code}`, {
    log: (_, line) => {
      if (line === 'asked') calls.push(line);
    },
  });
  onTestFinished(() => authorizer.stop());
  const gate = new RequestAuthorizer({
    authorizer,
    identitySources: ['method.request.header.x-api-key'],
    cacheTtlSeconds: 300,
  });
  const authorize = (key: string, path = '/orders', method = 'GET') => {
    const request: GatewayRequest = {
      id: 'id',
      method,
      path,
      query: new URLSearchParams(),
      headers: [['X-Api-Key', key]],
      body: Buffer.alloc(0),
      sourceIp: '127.0.0.1',
    };
    const route = { method: 'ANY', path: '/{proxy+}', functionName: 'echo' };
    return gate.authorize(request, authorizerEvent('sample', request, { route, parameters: {} }));
  };
  return { authorize, calls };
}

const returning = (value: unknown) => `return ${JSON.stringify(value)};`;

describe('RequestAuthorizer', () => {
  it('passes the context on as strings, with the principal', async () => {
    const { authorize } = authorizerOf(returning({ ...ALLOW, context: { a: 1, b: true, c: 'x' } }));
    expect(await authorize('k')).toEqual({
      allowed: true,
      context: { a: '1', b: 'true', c: 'x', principalId: 'somebody' },
    });
  });

  it('sends the event of API Gateway, with the path as sent and both header maps', async () => {
    const { authorize } = authorizerOf(`
      const { type, methodArn, path, headers, multiValueHeaders } = event;
      return { ...${JSON.stringify(ALLOW)}, context: { event: JSON.stringify([type, methodArn, path, headers, multiValueHeaders]) } };
    `);
    const verdict = await authorize('k', '/a%2Fb/../c');
    const context = verdict.allowed ? verdict.context : {};
    expect(JSON.parse(context['event'] ?? '')).toEqual([
      'REQUEST',
      'arn:aws:execute-api:us-east-1:000000000000:sample/local/GET/a%2Fb/../c',
      '/a%2Fb/../c',
      { 'X-Api-Key': 'k' },
      { 'X-Api-Key': ['k'] },
    ]);
  });

  it('caches by identity source, and evaluates the cached policy for each request', async () => {
    const { authorize, calls } = authorizerOf(returning(ALLOW));
    expect((await authorize('k')).allowed).toBe(true);
    expect(await authorize('k', '/orders', 'POST')).toMatchObject({ allowed: false, response: { status: 403 } });
    expect((await authorize('other')).allowed).toBe(true);
    await expect.poll(() => calls).toHaveLength(2);
  });

  it.each([
    ['nothing', returning(null)],
    ['no principal', returning({ policyDocument: ALLOW.policyDocument })],
    ['no policy', returning({ principalId: 'x' })],
    ['a null policy', returning({ principalId: 'x', policyDocument: null })],
    [
      'an unknown effect',
      returning({
        principalId: 'x',
        policyDocument: { Version: '2012-10-17', Statement: [{ Effect: 'Perhaps', Action: '*', Resource: '*' }] },
      }),
    ],
    ['a nested context', returning({ ...ALLOW, context: { deep: { er: 1 } } })],
    ['a throw', `throw new Error('boom');`],
    ['a throw that only resembles Unauthorized', `throw new Error('unauthorized');`],
    ['a crash', `process.exit(1);`],
  ])('returns 500 and caches nothing when the function returns %s', async (_, code) => {
    const { authorize, calls } = authorizerOf(code);
    for (const _ of [1, 2])
      expect(await authorize('k')).toMatchObject({
        allowed: false,
        response: { status: 500, body: '{"message":null}' },
      });
    await expect.poll(() => calls).toHaveLength(2);
  });

  it('returns 401 for exactly the error message Unauthorized', async () => {
    const { authorize } = authorizerOf(`throw new Error('Unauthorized');`);
    expect(await authorize('k')).toMatchObject({ allowed: false, response: { status: 401 } });
  });
});
