import { randomUUID } from 'node:crypto';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, inject } from 'vitest';
import type { RunningConsole } from '../../../cli/console/server.ts';
import type { AttributesJsonSchema } from '../../../src/core/attributes/attributes.ts';
import type { CacheFlush } from '../../../src/management/cache-flusher.ts';
import { startLocal, type Local } from '../../../local/server.ts';
import { startChromium } from './chromium.ts';
import { DEMO_ATTRIBUTES, DEMO_KEYS, storeDemoKey, storeDemoUsage, storesOf } from '../../../local/demo-data.ts';
import { consoleOn, visitForTest, type Visit } from './stage.ts';

/** Starts a local server for the tests of one file, or of one test. */
export function localForTests(table = `console-${randomUUID()}`, attributes?: AttributesJsonSchema): Promise<Local> {
  return startLocal({
    flushSettleMs: 300,
    attributes,
    port: 0,
    adminPort: 0,
    cacheTtlSeconds: 0,
    dynamodbEndpoint: inject('dynamodbEndpoint'),
    table,
    authorizer: { restrictions: ['sourceIp'], ownerSuspension: true },
  });
}

/** Starts a local server with demo keys, the console for it and a browser, for the tests of one file. */
export function useConsole() {
  let local: Local;
  let browser: Browser;
  let running: RunningConsole;
  const prefixes = new Map<string, string>();
  beforeAll(async () => {
    [local, browser] = await Promise.all([localForTests(), startChromium()]);
    running = await consoleOn(local, { attributes: DEMO_ATTRIBUTES });
    const stores = storesOf(local);
    const now = Date.now();
    for (const demo of DEMO_KEYS) prefixes.set(demo.name, await storeDemoKey(stores, demo, now));
    await storeDemoUsage(stores, prefixes.get('Checkout service') ?? '', now);
    stores.close();
  });
  afterAll(async () => {
    await browser.close();
    await running.stop();
    await local.stop();
  });
  const invoke = async (name: string, input: object): Promise<unknown> => {
    const result = await local.function(name).invoke(JSON.stringify(input));
    if (!result.ok) throw new Error(result.error.errorMessage);
    return JSON.parse(result.payload);
  };
  return {
    local: () => local,
    browser: () => browser,
    running: () => running,
    prefixOf: (name: string) => prefixes.get(name) ?? '',
    open: (options: BrowserContextOptions = {}): Promise<Visit> => visitForTest(browser, running, options),
    /** Goes to an address of the console. */
    go: (page: Page, hash: string) => page.goto(`${running.origin}/#${hash}`),
    /** Calls a management function. */
    invoke,
    makeKey: async (name: string, fields: object = {}): Promise<{ key: string; prefix: string }> => {
      const { key, record } = (await invoke('create-key', { name, ...fields })) as {
        key: string;
        record: { prefix: string };
      };
      return { key, prefix: record.prefix };
    },
    /** The stored key, read without the console. */
    stored: (prefix: string) => invoke('get-key', { prefix }),
    /** The status of a request to the API with a key. */
    statusOf: async (key: string): Promise<number> => {
      const response = await fetch(`${local.apiUrl}/orders/1`, { headers: { 'x-api-key': key } });
      await response.body?.cancel();
      return response.status;
    },
  };
}

/** Returns the row headers of a table. */
export function names(page: Page, table: RegExp | string = 'API keys'): Promise<string[]> {
  return page.getByRole('grid', { name: table }).locator('tbody th').allInnerTexts();
}

export const nameField = (page: Page) => page.getByRole('textbox', { name: 'Name', exact: true });
export const searchField = (page: Page) => page.getByRole('searchbox', { name: /^Search keys/ });
export const ownerFilter = (page: Page) => page.getByRole('searchbox', { name: 'Filter by owner' });

/** Chooses an option of a select. */
export async function choose(page: Page, select: string | RegExp, option: string | RegExp): Promise<void> {
  await page.getByRole('button', { name: select }).click();
  await page.getByRole('option', { name: option }).click();
}

/** Returns everything that the browser stores, as one text. */
export async function storedByBrowser({ page, context }: Visit): Promise<string> {
  const storage = await page.evaluate(
    'JSON.stringify([{ ...localStorage }, { ...sessionStorage }, location.href, history.state, document.cookie])',
  );
  return `${String(storage)} ${JSON.stringify(await context.storageState({ indexedDB: true }))}`;
}

/** Makes all reads of single keys fail. */
export function failReading(context: BrowserContext): Promise<unknown> {
  return context.route('**/api/keys/*', (route) =>
    route.request().method() === 'GET' ? route.fulfill({ status: 500, json: {} }) : route.fallback(),
  );
}

/** Replaces the cache flushes in the responses of an operation, one for each call: the local stack has no stages. */
export async function withFlushes(context: BrowserContext, path: string, flushes: readonly CacheFlush[]) {
  const calls = { count: 0 };
  await context.route(path, async (route) => {
    const response = await route.fetch();
    const caches = flushes[calls.count++];
    await route.fulfill({ response, json: { ...((await response.json()) as object), caches } });
  });
  return calls;
}

/** Rotates the key whose page is open. */
export async function rotate(page: Page, overlap: string): Promise<void> {
  const dialog = page.getByRole('dialog');
  await page.getByRole('button', { name: 'Rotate' }).click();
  await dialog.getByRole('button', { name: /^Overlap/ }).click();
  await page.getByRole('option', { name: overlap }).click();
  await dialog.getByRole('button', { name: 'Rotate key' }).click();
}
