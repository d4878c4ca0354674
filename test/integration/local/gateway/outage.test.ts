import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, inject, it, onTestFinished } from 'vitest';
import { localForTest } from '../../../support/local/running.ts';

/** A connection to DynamoDB Local that can be cut, or stop responding. */
async function wire() {
  const { hostname, port } = new URL(inject('dynamodbEndpoint'));
  const sockets = new Set<Socket>();
  let dead = false;
  const server = createServer((near) => {
    sockets.add(near);
    near.on('error', () => undefined);
    if (dead) return;
    const far = connect(Number(port), hostname);
    sockets.add(far);
    far.on('error', () => near.destroy());
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const hangUp = () => {
    for (const socket of sockets) socket.destroy();
  };
  const cut = () => {
    server.close();
    hangUp();
  };
  onTestFinished(cut);
  return {
    endpoint: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    cut,
    goDead: () => {
      dead = true;
      hangUp();
    },
  };
}

it.each(['cut', 'goDead'] as const)(
  'every request is rejected while DynamoDB is unavailable (%s), and the log has the reason',
  async (how) => {
    const link = await wire();
    const local = await localForTest({ dynamodbEndpoint: link.endpoint, cacheTtlSeconds: 0 });
    const { key } = await local.key();
    const call = async () => {
      const response = await fetch(`${local.apiUrl}/orders`, { headers: { 'x-api-key': key } });
      return { status: response.status, body: await response.json() };
    };
    expect((await call()).status).toBe(200);

    link[how]();
    expect(await call()).toEqual({ status: 500, body: { message: null } });
    // The authorizer stopped waiting before the function timed out.
    await expect.poll(() => local.decisions.at(-1)).toMatchObject({ result: 'error' });
    expect(local.lines.join('\n')).not.toContain('Sandbox.Timedout');
  },
);
