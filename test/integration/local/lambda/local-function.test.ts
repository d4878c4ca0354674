import { describe, expect, it, onTestFinished } from 'vitest';
import { functionOf } from '../../../support/local/lambda/function-of.ts';

function subject(...args: Parameters<typeof functionOf>) {
  const made = functionOf(...args);
  onTestFinished(() => made.stop());
  return made;
}

describe('LocalFunction', () => {
  it('returns JSON, and null for undefined', async () => {
    expect(await subject('return { got: event };').invoke('{"a":1}')).toEqual({ ok: true, payload: '{"got":{"a":1}}' });
    expect(await subject('').invoke('{}')).toEqual({ ok: true, payload: 'null' });
  });

  it('LocalFunction has only its own environment variables', async () => {
    process.env['LATCHKEY_TEST_LEAK'] = 'leaked';
    const { payload } = (await subject('return process.env;', { variables: { MINE: '1' } }).invoke('{}')) as {
      payload: string;
    };
    expect(JSON.parse(payload)).toEqual({ MINE: '1' });
  });

  it('passes the same context as Lambda', async () => {
    const code = 'return { ...context, left: context.getRemainingTimeInMillis() };';
    const outcome = await subject(code, { variables: { AWS_REGION: 'us-east-1' } }).invoke('{}');
    const context = JSON.parse(outcome.ok ? outcome.payload : '{}') as Record<string, unknown>;
    expect(context).toMatchObject({
      functionName: 'subject',
      functionVersion: '$LATEST',
      invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:subject',
    });
    expect(context['awsRequestId']).toMatch(/^[0-9a-f-]{36}$/);
    expect(context['left']).toBeGreaterThan(0);
    expect(context['left']).toBeLessThanOrEqual(10_000);
  });

  it('reuses its environment for the next call, as a warm function does', async () => {
    const counter = subject('return (globalThis.count = (globalThis.count ?? 0) + 1);');
    await counter.invoke('{}');
    expect(await counter.invoke('{}')).toEqual({ ok: true, payload: '2' });
  });

  it.each([
    ['a throw', `throw new RangeError('too far');`, { errorType: 'RangeError', errorMessage: 'too far' }],
    [
      'a crash',
      `setTimeout(() => { throw new Error('late'); }); await new Promise(() => {});`,
      { errorType: 'Runtime.UnhandledError' },
    ],
    ['an exit', 'process.exit(0);', { errorType: 'Runtime.ExitError' }],
    ['a wait for ever', 'await new Promise(() => {});', { errorType: 'Sandbox.Timedout' }],
    ['a loop for ever', 'for (;;);', { errorType: 'Sandbox.Timedout' }],
  ])('returns %s as an outcome, logs it, and handles the next call', async (_, code, error) => {
    const lines: string[] = [];
    const fragile = subject(`if (event.fall) { ${code} } return 'well';`, {
      // The next call starts an environment within this time.
      timeoutMs: error.errorType === 'Sandbox.Timedout' ? 5000 : 10_000,
      log: (_name, line) => lines.push(line),
    });
    expect(await fragile.invoke('{"fall":true}')).toMatchObject({ ok: false, error });
    expect(lines.map((line) => JSON.parse(line) as unknown)).toContainEqual(expect.objectContaining(error));
    expect(await fragile.invoke('{}')).toEqual({ ok: true, payload: '"well"' });
  });

  it('handles more calls than it has environments, one at a time in each', async () => {
    const busy = subject(`
      globalThis.inside = (globalThis.inside ?? 0) + 1;
      const seen = globalThis.inside;
      await new Promise((resolve) => setTimeout(resolve, 5));
      globalThis.inside -= 1;
      return seen;
    `);
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => busy.invoke('{}')));
    expect(outcomes).toEqual(Array.from({ length: 20 }, () => ({ ok: true, payload: '1' })));
  });

  it('fails the running calls when it is stopped', async () => {
    const endless = subject('await new Promise(() => {});');
    const call = endless.invoke('{}');
    await new Promise((resolve) => setImmediate(resolve));
    await endless.stop();
    expect(await call).toMatchObject({ ok: false, error: { errorType: 'Runtime.ExitError' } });
  });

  it('starts no environment after it is stopped, neither for a waiting call nor for a new one', async () => {
    const started: string[] = [];
    const slow = subject(`console.log('started'); if (!event.quick) await new Promise(() => {});`, {
      log: (_name, line) => started.push(line),
    });
    const running = Array.from({ length: 4 }, () => slow.invoke('{}'));
    await expect.poll(() => started.filter((line) => line === 'started').length, { timeout: 20_000 }).toBe(4);
    const waiting = Array.from({ length: 8 }, () => slow.invoke('{"quick":true}'));
    await slow.stop();
    const late = slow.invoke('{"quick":true}');
    for (const outcome of await Promise.all([...running, ...waiting, late]))
      expect(outcome).toMatchObject({ ok: false, error: { errorType: 'Runtime.ExitError' } });
  });
});
