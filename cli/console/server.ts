import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import type { ConsoleSettings } from '../../console/hosting/settings.ts';
import type { Deployment } from '../deployment/deployment.ts';
import { CommandError, systemCode, unreachable, usageError } from '../errors.ts';
import { consoleApp } from './app.ts';
import { ConsoleSession } from './session.ts';

export interface RunningConsole {
  readonly origin: string;
  /** Returns a link that opens the console once. */
  newLink(): string;
  stop(): Promise<void>;
}

/**
 * Serves the console on the loopback interface.
 *
 * @param options.port 0 for any free port
 * @throws {CommandError} if the port can't be used, or the pages are not built
 */
export async function serveConsole(options: {
  readonly deployment: Deployment;
  readonly settings: ConsoleSettings;
  readonly port: number;
}): Promise<RunningConsole> {
  const session = new ConsoleSession();
  let origin = '';
  const app = consoleApp({ ...options, session, files: builtPages(), origin: () => origin });
  // The adapter's own check of the Host header is off, because the guard checks it.
  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false, hostname: '127.0.0.1' });
  const server = createServer((incoming, outgoing) => {
    void listener(incoming, outgoing);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? unreachable(`Port ${String(options.port)} is in use by another program. Choose another port with --port.`)
          : unreachable(
              `Port ${String(options.port)} can't be used (${systemCode(error)}). Choose another port with --port.`,
            ),
      );
    });
    server.listen(options.port, '127.0.0.1', resolve);
  });
  origin = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  return {
    origin,
    // The token is in the fragment, which browsers don't send and servers don't log.
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

/** Reads the settings that the pages need. Without permission to read them, the console shows no plans and attributes. */
export async function consoleSettings({ place, keys }: Deployment): Promise<ConsoleSettings> {
  try {
    const { label, plans, restrictions, readOnly, ownerSuspension, attributes } = await keys.settings();
    return { ...place, label, plans, restrictions, readOnly, ownerSuspension, attributes: attributes ?? undefined };
  } catch (error) {
    if (!(error instanceof CommandError && error.problem.code === 'access_denied')) throw error;
    return { ...place, label: null, plans: {}, restrictions: [], readOnly: false, ownerSuspension: false };
  }
}

/** Returns the folder of the built pages: next to the built CLI, or in `dist` above the sources. */
function builtPages(): string {
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const pages = [join(folder, 'console'), join(folder, 'dist/console')];
    const built = pages.find((page) => existsSync(join(page, 'assets')) && existsSync(join(page, 'index.html')));
    if (built !== undefined) return built;
  }
  throw usageError('The console is not built. Run "npm run build".');
}
