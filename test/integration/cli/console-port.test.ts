import { Server } from 'node:net';
import { expect, it, vi } from 'vitest';
import { serveConsole } from '../../../cli/console/server.ts';
import type { Deployment } from '../../../cli/deployment/deployment.ts';

it('the console says what to do if its port cannot be used', async () => {
  vi.spyOn(Server.prototype, 'listen').mockImplementation(function (this: Server) {
    this.emit('error', Object.assign(new Error('permission denied'), { code: 'EACCES' }));
    return this;
  });
  const settings = { stackName: 'x', region: 'x' } as Parameters<typeof serveConsole>[0]['settings'];
  await expect(serveConsole({ deployment: {} as Deployment, settings, port: 80 })).rejects.toMatchObject({
    exitCode: 3,
    message: "Port 80 can't be used (EACCES). Choose another port with --port.",
  });
});
