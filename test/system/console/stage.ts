import { onTestFinished } from 'vitest';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { consoleSettings, serveConsole, type RunningConsole } from '../../../cli/console/server.ts';
import { localDeployment } from '../../../cli/deployment/local.ts';
import type { ConsoleSettings } from '../../../console/hosting/settings.ts';
import type { Local } from '../../../local/server.ts';

/** Serves the local console for a local server, with changed settings if the test needs them. */
export async function consoleOn(
  local: Pick<Local, 'adminUrl'>,
  change: Partial<ConsoleSettings> = {},
): Promise<RunningConsole> {
  const deployment = localDeployment(local.adminUrl);
  const settings = { ...(await consoleSettings(deployment)), ...change };
  const running = await serveConsole({ deployment, settings, port: 0 });
  return {
    ...running,
    stop: async () => {
      await running.stop();
      deployment.close();
    },
  };
}

/** A page of a user who has opened a link. */
export interface Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Errors of scripts and violations of the content security policy. */
  readonly complaints: readonly string[];
  /** The URLs of all requests. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

/** Opens the console in a new browser context. */
export async function visit(
  browser: Browser,
  running: RunningConsole,
  options: BrowserContextOptions = {},
): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });

  const page = await context.newPage();
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('request', (request) => requests.push(request.url()));
  await page.goto(running.newLink());
  // The page changes its address until it has exchanged the link.
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  return { page, context, complaints, requests, close: () => context.close() };
}

/** {@link visit} until the end of the test. */
export async function visitForTest(...[browser, running, options]: Parameters<typeof visit>): Promise<Visit> {
  const visited = await visit(browser, running, options);
  onTestFinished(() => visited.close());
  return visited;
}
