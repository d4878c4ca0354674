import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import type { ConsoleSettings } from '../../console/hosting/settings.ts';
import type { Deployment } from '../deployment/deployment.ts';
import { systemCode, unreachable, usageError } from '../errors.ts';
import { consoleApp } from './app.ts';
import { ConsoleSession } from './session.ts';

export interface RunningConsole {
  readonly origin: string;
  /** A link that opens the console, once. */
  newLink(): string;
  stop(): Promise<void>;
}

/**
 * Serves the console on this machine alone.
 *
 * @param options.port 0 for any that is free
 * @throws {CommandError} if the port is busy or not to be had, or the pages have not been built
 */
export async function serveConsole(options: {
  readonly deployment: Deployment;
  readonly settings: ConsoleSettings;
  readonly port: number;
}): Promise<RunningConsole> {
  const session = new ConsoleSession();
  let origin = '';
  const app = consoleApp({ ...options, session, files: builtPages(), origin: () => origin });
  // What Host a request must have, the guard knows better; the adapter's own idea of it is not asked for.
  const answer = getRequestListener(app.fetch, { overrideGlobalObjects: false, hostname: '127.0.0.1' });
  const server = createServer((incoming, outgoing) => {
    void answer(incoming, outgoing);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? unreachable(`Port ${String(options.port)} is in use by another program; choose another with --port.`)
          : unreachable(
              `Port ${String(options.port)} cannot be listened at (${systemCode(error)}); choose another with --port.`,
            ),
      );
    });
    server.listen(options.port, '127.0.0.1', resolve);
  });
  origin = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  return {
    origin,
    // In the fragment, which browsers send to nobody and no log has.
    newLink: () => `${origin}/#token=${session.newLinkToken()}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

/** `dist/console`, beside the built command line, or below the sources. */
function builtPages(): string {
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const pages = [join(folder, 'console'), join(folder, 'dist/console')];
    const built = pages.find((page) => existsSync(join(page, 'assets')) && existsSync(join(page, 'index.html')));
    if (built !== undefined) return built;
  }
  throw usageError('The console has not been built: run "npm run build".');
}
