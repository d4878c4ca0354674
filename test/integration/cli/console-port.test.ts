import { Server } from 'node:net';
import { expect, it, vi } from 'vitest';
import { serveConsole } from '../../../cli/console/server.ts';
import type { Deployment } from '../../../cli/deployment/deployment.ts';

it('a port that cannot be had is one sentence, and no answer', async () => {
  vi.spyOn(Server.prototype, 'listen').mockImplementation(function (this: Server) {
    this.emit('error', Object.assign(new Error('permission denied'), { code: 'EACCES' }));
    return this;
  });
  const settings = { stackName: 'x', region: 'x' } as Parameters<typeof serveConsole>[0]['settings'];
  await expect(serveConsole({ deployment: {} as Deployment, settings, port: 80 })).rejects.toMatchObject({
    exitCode: 3,
    message: 'Port 80 cannot be listened at (EACCES); choose another with --port.',
  });
});
