import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { fillTable } from '../../../bench/keys.ts';
import type { RunningConsole } from '../../../cli/console/server.ts';
import type { AttributesJsonSchema } from '../../../src/core/attributes/attributes.ts';
import type { Metadata } from '../../../src/core/keys/record.ts';
import type { CacheFlush } from '../../../src/management/cache-flusher.ts';
import { startLocal, type Local } from '../../../local/server.ts';
import { AxeReport } from './axe-report.ts';
import { startChromium } from './chromium.ts';
import { DEMO_ATTRIBUTES, DEMO_KEYS, storeDemoKey, storeDemoUsage, storesOf } from '../../../local/demo-data.ts';
import { consoleOn, visitForTest, type Visit } from './stage.ts';

/** The console as an operator has it: the built pages, the command line's server, the functions and DynamoDB Local. */
let local: Local;
let browser: Browser;
let running: RunningConsole;
/** Prefixes of the demo keys by name. */
const prefixes = new Map<string, string>();
const axe = new AxeReport();

const localForTests = (table = `console-${randomUUID()}`, attributes?: AttributesJsonSchema) =>
  startLocal({
    flushSettleMs: 300,
    attributes,
    port: 0,
    adminPort: 0,
    cacheTtlSeconds: 0,
    dynamodbEndpoint: inject('dynamodbEndpoint'),
    table,
    authorizer: { restrictions: ['sourceIp'] },
  });

beforeAll(async () => {
  [local, browser] = await Promise.all([localForTests(), startChromium()]);
  running = await consoleOn(local, { attributes: DEMO_ATTRIBUTES });
  const stores = storesOf(local);
  const now = Date.now();
  for (const demo of DEMO_KEYS) prefixes.set(demo.name, await storeDemoKey(stores, demo, now));
  await storeDemoUsage(stores, prefixOf('Checkout service'), now);
  stores.close();
});
afterAll(async () => {
  await browser.close();
  await running.stop();
  await local.stop();
  await axe.write();
});

const prefixOf = (name: string) => prefixes.get(name) ?? '';

const open = (options: Parameters<typeof visitForTest>[2] = {}) => visitForTest(browser, running, options);

/** Goes to a page of the console by its address. */
const go = (page: Page, hash: string) => page.goto(`${running.origin}/#${hash}`);

/** What the rows of a table are called. */
const names = (page: Page, table: RegExp | string = 'API keys') =>
  page.getByRole('grid', { name: table }).locator('tbody th').allInnerTexts();

/** Everything that the browser keeps, as one text. */
async function keptBy({ page, context }: Visit): Promise<string> {
  const storage = await page.evaluate(
    'JSON.stringify([{ ...localStorage }, { ...sessionStorage }, location.href, history.state, document.cookie])',
  );
  return `${String(storage)} ${JSON.stringify(await context.storageState({ indexedDB: true }))}`;
}

/** From now on no key can be read; it can still be changed. */
const failReading = (context: BrowserContext) =>
  context.route('**/api/keys/*', (route) =>
    route.request().method() === 'GET' ? route.fulfill({ status: 500, json: {} }) : route.fallback(),
  );

/** Returns these cache flushes, one for each call: this deployment has no caches. */
async function answerCaches(context: BrowserContext, operation: string, answers: readonly CacheFlush[]) {
  const calls = { asked: 0 };
  await context.route(`**/api/keys/*/${operation}`, async (route) => {
    const response = await route.fetch();
    const caches = answers[calls.asked++];
    await route.fulfill({ response, json: { ...((await response.json()) as object), caches } });
  });
  return calls;
}

/** Rotates the key whose page is open. */
async function rotate(page: Page, overlap: string): Promise<void> {
  const dialog = page.getByRole('dialog');
  await page.getByRole('button', { name: 'Rotate' }).click();
  await dialog.getByRole('button', { name: /How long/ }).click();
  await page.getByRole('option', { name: overlap }).click();
  await dialog.getByRole('button', { name: 'Rotate' }).click();
}

async function statusOf(key: string): Promise<number> {
  const response = await fetch(`${local.apiUrl}/orders/1`, { headers: { 'x-api-key': key } });
  await response.body?.cancel();
  return response.status;
}

async function makeKey(name: string): Promise<{ key: string; prefix: string }> {
  const made = await local.function('create-key').invoke(JSON.stringify({ name }));
  if (!made.ok) throw new Error(made.error.errorMessage);
  const { key, record } = JSON.parse(made.payload) as { key: string; record: { prefix: string } };
  return { key, prefix: record.prefix };
}

/** What is known of a key, by another way than the console. */
async function stored(prefix: string): Promise<unknown> {
  const found = await local.function('get-key').invoke(JSON.stringify({ prefix }));
  return JSON.parse(found.ok ? found.payload : 'null');
}

describe('the list', () => {
  it('shows status, owner, prefix, dates and the deployment’s own columns, newest first', async () => {
    const { page, complaints } = await open();
    await page.getByRole('link', { name: 'Checkout service' }).waitFor();
    const headers = await page.getByRole('columnheader').allInnerTexts();
    expect(headers).toEqual(
      expect.arrayContaining([
        'Name',
        'Status',
        'Owner',
        'Prefix',
        'Created',
        'Expires',
        'Last used',
        'Tier',
        'Cost centre',
      ]),
    );
    const row = page.getByRole('row', { name: 'Checkout service' });
    for (const text of ['Active', 'acme-retail', prefixOf('Checkout service'), '7 minutes ago', 'premium', 'CC-2210'])
      await row.getByText(text).waitFor();
    const shown = await names(page);
    expect(shown.indexOf('Onboarding demo')).toBeLessThan(shown.indexOf('Night batch'));
    expect(complaints).toEqual([]);
  });

  it('is searched by name, and filtered by owner and status', async () => {
    const { page } = await open();
    const search = page.getByRole('searchbox', { name: /beginning of the name/ });
    await search.fill('mobile');
    await expect.poll(() => names(page)).toEqual(['Mobile app, Android', 'Mobile app, iOS']);
    await search.fill('');
    await page.getByRole('searchbox', { name: /owner/ }).fill('initech');
    await expect.poll(() => names(page)).toEqual(['Invoice export', 'Leaked in a gist', 'Legacy importer']);
    await page.getByRole('button', { name: /status/ }).click();
    await page.getByRole('option', { name: 'Revoked' }).click();
    await expect.poll(() => names(page)).toEqual(['Leaked in a gist', 'Legacy importer']);
    await page.getByRole('searchbox', { name: /owner/ }).fill('nobody');
    await page.getByText('No key matches').waitFor();
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await page.getByRole('link', { name: 'Checkout service' }).waitFor();
  });

  it('opens a prefix that is typed, and takes no key into an address when one is pasted', async () => {
    const { key, prefix } = await makeKey('Pasted');
    const { page, requests, ...visit } = await open();
    await page.getByRole('searchbox', { name: /beginning of the name/ }).fill(key);
    await page.getByRole('heading', { name: 'Pasted', level: 1 }).waitFor();
    expect(page.url()).toBe(`${running.origin}/#/keys/${prefix}`);
    const [, , secret = ''] = key.split('_');
    expect(requests.join('\n')).not.toContain(secret);
    expect(await keptBy({ page, requests, ...visit })).not.toContain(secret);
    await page.getByRole('link', { name: 'API keys' }).click();
    await page.getByRole('searchbox', { name: /beginning of the name/ }).fill(prefix);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Pasted', level: 1 }).waitFor();
  });

  it.each([
    ['djangorestframework-api-key', 'Xb3kPq9Z.f7Tn2mVwQ8sRyL4cJ6hD1gKeA5uB0oWx'],
    ['Better Auth', 'acme_QkzPwMvTnRbYsLdHgJfXcAeUoIiWmNqBtVrKxZpSyDaEuGhOjClFwQzTbMnRvYkP'],
    ['Unkey', 'acme_3ZfGqWmR7sLtNpXcV9bKdJ'],
    ['API Gateway', 'b7Yt2kQ9mXw4Rz6pLs1Vn8Dc3Gh5Jf0KaEuTiOyB'],
    ['prefixed-api-key', 'acme_BRTRKFsL_51FwqftsmMDHHbJAMEXXHCgG'],
  ])('sends no key of %s that is pasted, and says so', async (_, key) => {
    const { page, requests, ...visit } = await open();
    const search = page.getByRole('searchbox', { name: /beginning of the name/ });
    for (const text of [key, `x-api-key: ${key}`]) {
      await search.fill(text);
      // It is there twice: to be seen, and to be read out.
      await page
        .getByText(/This may be a key/)
        .first()
        .waitFor();
      await page.keyboard.press('Enter');
      // What is sent is sent after a pause: of the next text, which then is all that was.
      await delay(500);
    }
    await search.fill('mobile');
    await expect.poll(() => names(page)).toEqual(['Mobile app, Android', 'Mobile app, iOS']);
    await expect.poll(() => page.getByText(/This may be a key/).count()).toBe(0);
    expect(requests.map((url) => decodeURIComponent(url)).join('\n')).not.toContain(key.slice(0, 20));
    expect(await keptBy({ page, requests, ...visit })).not.toContain(key);
  });

  it('opens the id of an imported key that is typed', async () => {
    const { page } = await open();
    for (const id of ['drf.Xb3kPq9Z', 'hash.Abc_def-0123456789abcd']) {
      await go(page, '/');
      await page.getByRole('searchbox', { name: /beginning of the name/ }).fill(id);
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'No key has this prefix' }).waitFor();
      expect(page.url()).toBe(`${running.origin}/#/keys/${id}`);
    }
  });

  it('cuts no status at the width that its column has', async () => {
    const { prefix } = await makeKey('In turn');
    await local.function('rotate-key').invoke(JSON.stringify({ prefix, overlap: '1h' }));
    const { page } = await open();
    await page.getByText('Being replaced').first().waitFor();
    const cut = await page.evaluate(`[...document.querySelectorAll('td')]
      .filter((cell) => cell.textContent.includes('Being replaced'))
      .flatMap((cell) => [cell, ...cell.querySelectorAll('*')])
      .some((part) => part.clientWidth > 1 && part.scrollWidth > part.clientWidth)`);
    expect(cut).toBe(false);
  });

  it('goes through many pages, forwards and back, one request a page', async () => {
    const many = await localForTests();
    onTestFinished(() => many.stop());
    const stores = storesOf(many);
    const now = Date.now();
    await Promise.all(
      Array.from({ length: 130 }, (_, index) =>
        storeDemoKey(stores, { name: `Client ${String(index).padStart(3, '0')}`, age: 130 - index }, now),
      ),
    );
    stores.close();
    const paged = await consoleOn(many);
    onTestFinished(() => paged.stop());
    const { page, requests } = await visitForTest(browser, paged);
    await page.getByRole('link', { name: 'Client 129' }).waitFor();
    expect(await names(page)).toHaveLength(50);
    await page.getByRole('button', { name: 'Next page' }).click();
    await page.getByRole('link', { name: 'Client 079' }).waitFor();
    await page.getByRole('button', { name: 'Next page' }).click();
    await page.getByRole('link', { name: 'Client 000' }).waitFor();
    expect(await names(page)).toHaveLength(30);
    expect(await page.getByRole('button', { name: 'Next page' }).isDisabled()).toBe(true);
    expect(requests.filter((url) => url.includes('/api/keys?'))).toHaveLength(3);
    // Whoever looks at a key and comes back is where they were.
    await page.getByRole('link', { name: 'Client 007' }).click();
    await page.getByRole('heading', { name: 'Client 007', level: 1 }).waitFor();
    await page.goBack();
    await page.getByRole('link', { name: 'Client 000' }).waitFor();
    await page.getByRole('button', { name: 'Previous page' }).click();
    await page.getByRole('link', { name: 'Client 079' }).waitFor();
  });

  // To write them takes a minute, or two where other work is done.
  it('has a hundred thousand keys as it has ten: each page is one request, and any key is found among them', async () => {
    const { tableName, size } = await fillTable(inject('dynamodbEndpoint'), 100_000);
    const large = await localForTests(tableName);
    onTestFinished(() => large.stop());
    const paged = await consoleOn(large);
    onTestFinished(() => paged.stop());
    const { page, requests } = await visitForTest(browser, paged);
    const nth = (number: number) => page.getByRole('link', { name: `Key ${String(number)}`, exact: true });
    await nth(size - 1).waitFor();
    for (let turned = 1; turned <= 20; turned++) {
      await page.getByRole('button', { name: 'Next page' }).click();
      await nth(size - 1 - 50 * turned).waitFor();
    }
    expect(requests.filter((url) => url.includes('/api/keys?'))).toHaveLength(21);
    await page.getByRole('searchbox', { name: /beginning of the name/ }).fill('key 31415');
    await expect.poll(() => names(page)).toEqual(['Key 31415']);
    await page.getByRole('searchbox', { name: /beginning of the name/ }).fill('');
    await page.getByRole('searchbox', { name: /owner/ }).fill('owner-7');
    await nth(size - 93).waitFor();
    expect(await names(page)).toHaveLength(50);
  }, 400_000);

  it('says what to do when there are no keys yet', async () => {
    const bare = await localForTests();
    onTestFinished(() => bare.stop());
    const empty = await consoleOn(bare);
    onTestFinished(() => empty.stop());
    const { page } = await visitForTest(browser, empty);
    await page.getByRole('heading', { name: 'No keys yet' }).waitFor();
    expect(await axe.violationsOf(page, 'list without keys', 'light, wide')).toEqual([]);
    await page.getByRole('link', { name: 'Create the first key' }).click();
    await page.getByRole('heading', { name: 'Create key', level: 1 }).waitFor();
  });
});

describe('a new key', () => {
  it('is made with scopes, expiry, limits and attributes, shown once, copied, and kept nowhere', async () => {
    const visit = await open();
    const { page, requests, complaints } = visit;
    await page.getByRole('link', { name: 'Create key' }).click();
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Returns portal');
    await page.getByLabel(/^Owner/).fill('acme-retail');
    await page.getByRole('button', { name: 'Expires' }).click();
    await page.getByRole('option', { name: '30 days from now' }).click();
    await page.getByRole('button', { name: 'Tier' }).click();
    await page.getByRole('option', { name: 'premium' }).click();
    await page.getByRole('button', { name: 'Add a scope' }).click();
    await page.getByRole('textbox', { name: 'Path' }).fill('/orders/*');
    await page.getByRole('button', { name: 'Plan' }).click();
    await page.getByRole('option', { name: /^pro/ }).click();
    await page.getByLabel('Rate').fill('50/s');
    await page.getByRole('button', { name: 'Create key' }).click();

    const key = await page.getByTestId('issued-key').innerText();
    expect(key).toMatch(/^lk_[0-9A-Za-z]{12}_[0-9A-Za-z]+$/);
    // It is not lost by Escape.
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Copy the key' }).click();
    await page.getByText('Copied').waitFor();
    expect(await statusOf(key)).toBe(200);
    await page.getByRole('button', { name: 'I have stored the key' }).click();

    await page.getByRole('heading', { name: 'Returns portal', level: 1 }).waitFor();
    for (const text of ['GET /orders/*', 'premium', '50/s', /^pro \(/]) await page.getByText(text).first().waitFor();
    const [, prefix = '', secret = ''] = key.split('_');
    expect(page.url()).toBe(`${running.origin}/#/keys/${prefix}`);
    expect(await page.content()).not.toContain(secret);
    expect(await keptBy(visit)).not.toContain(secret);
    expect(requests.join('\n')).not.toContain(secret);
    expect(complaints).toEqual([]);
    // No script may read the clipboard here: somebody pastes.
    await go(page, '/create');
    await page.getByRole('textbox', { name: 'Name', exact: true }).press('ControlOrMeta+V');
    expect(await page.getByRole('textbox', { name: 'Name', exact: true }).inputValue()).toBe(key);
  });

  it('has restrictions and named scopes, which a change of its name keeps', async () => {
    const { page } = await open();
    await go(page, '/create');
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Restricted');
    await page.getByRole('button', { name: 'Add a scope' }).click();
    await page.getByRole('button', { name: 'Method' }).click();
    await page.getByRole('option', { name: 'By name' }).click();
    await page.getByRole('textbox', { name: 'Name of the scope' }).fill('orders:write');
    await page.getByLabel(/^Stages/).fill('prod, beta');
    await page.getByLabel(/^Source addresses/).fill('192.0.2.0/33');
    await page.getByLabel(/^Not before/).fill('7d');
    // The deployment does not hold it.
    expect(await page.getByLabel(/^Origins/).count()).toBe(0);
    await page.getByRole('button', { name: 'Create key' }).click();
    await page.getByText(/^not an IP address or range/).waitFor();
    await page.getByLabel(/^Source addresses/).fill('192.0.2.0/24');
    await page.getByRole('button', { name: 'Create key' }).click();
    await page.getByRole('button', { name: 'I have stored the key' }).click();
    await page.getByRole('heading', { name: 'Restricted', level: 1 }).waitFor();
    for (const text of ['orders:write', 'prod', 'beta', '192.0.2.0/24', 'Not before'])
      await page.getByText(text, { exact: true }).waitFor();

    await page.getByRole('link', { name: 'Edit' }).click();
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Still restricted');
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByRole('heading', { name: 'Still restricted', level: 1 }).waitFor();
    expect(await stored(page.url().split('/').at(-1) ?? '')).toMatchObject({
      scopes: ['orders:write'],
      restrictions: { stages: ['prod', 'beta'], sourceIps: ['192.0.2.0/24'] },
      notBefore: expect.stringMatching(/Z$/) as string,
    });
  });

  it('without a name is asked for one, and nothing is sent', async () => {
    const { page, requests } = await open();
    await go(page, '/create');
    const before = requests.length;
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill(' ');
    await page.getByRole('button', { name: 'Create key' }).click();
    await page.getByText('Give the key a name.').waitFor();
    expect(requests.slice(before).filter((url) => url.includes('/api/'))).toEqual([]);
  });

  it('ends on the day that was chosen, wherever the operator is', async () => {
    const day = `${String(new Date().getUTCFullYear() + 2)}-01-31`;
    for (const timezoneId of ['America/New_York', 'Pacific/Auckland']) {
      const { page } = await open({ timezoneId });
      await go(page, '/create');
      await page.getByRole('textbox', { name: 'Name', exact: true }).fill(`Ends in ${timezoneId}`);
      await page.getByRole('button', { name: 'Expires' }).click();
      await page.getByRole('option', { name: 'On a date' }).click();
      await page.getByPlaceholder('YYYY-MM-DD').fill(day);
      await page.getByRole('button', { name: 'Tier' }).click();
      await page.getByRole('option', { name: 'premium' }).click();
      await page.getByRole('button', { name: 'Create key' }).click();
      await page.getByRole('button', { name: 'I have stored the key' }).click();
      const shown = `Jan 31, ${day.slice(0, 4)}`;
      await page.getByText(`${shown}, 00:00 UTC`, { exact: true }).waitFor();
      expect(await stored(page.url().split('/').at(-1) ?? '')).toMatchObject({ expiresAt: `${day}T00:00:00.000Z` });
      await page.getByRole('link', { name: 'Edit' }).click();
      await page.getByText(`As now: ${shown}, 00:00 UTC`).waitFor();
      await go(page, '/');
      await page.getByRole('row', { name: timezoneId }).getByText(shown, { exact: true }).waitFor();
      await page.getByText('Dates are in UTC.').waitFor();
    }
  });

  it('that is not as it should be: each fault stands at its field, and nothing is made', async () => {
    const { page } = await open();
    await go(page, '/create');
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Faulty');
    await page.getByLabel(/^Owner/).fill('two words');
    await page.getByRole('button', { name: 'Add a scope' }).click();
    await page.getByRole('textbox', { name: 'Path' }).fill('orders');
    await page.getByLabel('Rate').fill('fast');
    await page.getByRole('button', { name: 'Create key' }).click();
    await page.getByText(/^not printable ASCII/).waitFor();
    await page.getByText(/^not a scope/).waitFor();
    await page.getByText(/^not a rate/).waitFor();
    await go(page, '/');
    await page.getByRole('searchbox', { name: /beginning of the name/ }).fill('Faulty');
    await page.getByText('No key matches').waitFor();
  });

  it('whose restrictions are too many together is refused, and the form says why', async () => {
    const { page } = await open();
    await go(page, '/create');
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Too restricted');
    const stages = Array.from({ length: 20 }, (_, index) => `a-stage-${String(index)}`);
    await page.getByLabel(/^Stages/).fill(stages.join(', '));
    await page.getByRole('button', { name: 'Create key' }).click();
    await page.getByText(/^over 192 bytes as JSON/).waitFor();
  });

  it('that lacks what the form does not know of is refused, and the form says what', async () => {
    const strict = await localForTests(undefined, DEMO_ATTRIBUTES);
    onTestFinished(() => strict.stop());
    // Whoever may not read the settings has a console without the deployment's own fields.
    const plain = await consoleOn(strict, { attributes: undefined });
    onTestFinished(() => plain.stop());
    const { page } = await visitForTest(browser, plain);
    await page.getByRole('link', { name: 'Create the first key' }).click();
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Without a tier');
    await page.getByRole('button', { name: 'Create key' }).click();
    await page.getByText('The key was not created').waitFor();
    await page.getByText(/metadata\.tier/i).waitFor();
  });

  it('is made by the keyboard alone', async () => {
    const { page } = await open();
    await page.getByRole('link', { name: 'Create key' }).waitFor();
    /** Tabs on until this has the focus. */
    const tabTo = async (role: Parameters<Page['getByRole']>[0], name: string | RegExp) => {
      const wanted = page.getByRole(role, { name });
      for (let presses = 0; presses < 60; presses++) {
        if ((await wanted.and(page.locator(':focus')).count()) === 1) return;
        await page.keyboard.press('Tab');
      }
      throw new Error(`the keyboard does not reach ${String(name)}`);
    };
    await tabTo('link', 'Create key');
    await page.keyboard.press('Enter');
    await tabTo('textbox', /^Name/);
    await page.keyboard.type('By keyboard');
    await tabTo('button', /^Expires/);
    await page.keyboard.press('Enter');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await tabTo('button', /^Tier/);
    await page.keyboard.press('Enter');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await tabTo('button', 'Create key');
    await page.keyboard.press('Enter');
    await page.getByTestId('issued-key').waitFor();
    await tabTo('button', 'I have stored the key');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'By keyboard', level: 1 }).waitFor();
    await tabTo('button', 'Revoke');
    await page.keyboard.press('Enter');
    await tabTo('textbox', /^To confirm/);
    await page.keyboard.type(page.url().split('/').at(-1) ?? '');
    await page.keyboard.press('Enter');
    await page.getByText('This key is revoked, for good').waitFor();
  });
});

describe('a key', () => {
  it('is shown with what it was used for, by day and route', async () => {
    const { page, complaints } = await open();
    await go(page, `/keys/${prefixOf('Checkout service')}`);
    await page.getByRole('heading', { name: 'By route' }).waitFor();
    expect(await names(page, 'Usage by route')).toEqual([
      'GET /orders/{id}',
      'GET /orders',
      'POST /orders',
      'GET /customers/{id}',
    ]);
    const total = async () =>
      Number(
        (
          await page
            .getByText(/^[\d,]+$/)
            .first()
            .innerText()
        ).replaceAll(',', ''),
      );
    const month = await total();
    await page.getByRole('button', { name: '7 days' }).click();
    await expect.poll(total).toBeLessThan(month);
    expect(await total()).toBeGreaterThan(0);
    expect(complaints).toEqual([]);
  });

  it('is edited; a change that somebody else has made meanwhile is not overwritten', async () => {
    const { prefix } = await makeKey('Before');
    const { page } = await open();
    await go(page, `/keys/${prefix}`);
    await page.getByRole('link', { name: 'Edit' }).click();
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('After');
    await page.getByLabel(/^Cost centre/).fill('CC-1');
    await page.getByRole('button', { name: 'Add a fact' }).click();
    await page.getByLabel('Name of the fact').fill('seats');
    await page.getByRole('button', { name: 'Type of the fact' }).click();
    await page.getByRole('option', { name: 'Number' }).click();
    await page.getByLabel('Value of the fact').fill('5');
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByRole('heading', { name: 'After', level: 1 }).waitFor();
    expect(await stored(prefix)).toMatchObject({
      name: 'After',
      metadata: { costCentre: 'CC-1', seats: 5 },
      version: 2,
    });

    await page.getByRole('link', { name: 'Edit' }).click();
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Mine');
    await local.function('update-key').invoke(JSON.stringify({ prefix, name: 'Theirs' }));
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByText('The key was not changed').waitFor();
    await page.getByText(/Somebody else has changed it/).waitFor();
  });

  it('has no facts that are two, none, or an attribute: the form says so, and sends nothing', async () => {
    const { prefix } = await makeKey('Facts');
    const { page } = await open();
    await go(page, `/keys/${prefix}/edit`);
    const add = async (name: string) => {
      await page.getByRole('button', { name: 'Add a fact' }).click();
      await page.getByLabel('Name of the fact').last().fill(name);
    };
    await add('seats');
    await page.getByRole('button', { name: 'Type of the fact' }).click();
    await page.getByRole('option', { name: 'Number' }).click();
    await add('team');
    await add('team');
    await add('costCentre');
    await page.getByRole('button', { name: 'Save changes' }).click();
    for (const fault of [
      'Not a number.',
      'There is another fact of this name.',
      /^This is the attribute "Cost centre"/,
    ])
      await page.getByText(fault).waitFor();
    expect(await stored(prefix)).toMatchObject({ metadata: {}, version: 1 });

    await page.getByRole('button', { name: 'Remove costCentre' }).click();
    await page.getByLabel('Name of the fact').last().fill('group');
    await page.getByLabel('Value of the fact').first().fill('0');
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByRole('heading', { name: 'Facts', level: 1 }).waitFor();
    await page.getByRole('heading', { name: 'Details' }).waitFor();
    expect(await stored(prefix)).toMatchObject({ metadata: { seats: 0, team: '', group: '' } });
  });

  it('has lists and maps that somebody has written by hand: they are shown, and stay as they are', async () => {
    const stores = storesOf(local);
    const metadata = { tags: ['a', 'b'], costCentre: { of: 1 } } as unknown as Metadata;
    const prefix = await storeDemoKey(stores, { name: 'By hand', age: 1, metadata }, Date.now());
    stores.close();
    const { page } = await open();
    await go(page, `/keys/${prefix}`);
    for (const text of ['["a","b"]', '{"of":1}']) await page.getByText(text).waitFor();
    await page.getByRole('link', { name: 'Edit' }).click();
    for (const label of ['Value of the fact', /^Cost centre/]) {
      const field = page.getByLabel(label);
      expect(await field.inputValue()).toMatch(/^\["a","b"\]$|^\{"of":1\}$/);
      expect(await field.isEditable()).toBe(false);
    }
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Still by hand');
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByRole('heading', { name: 'Still by hand', level: 1 }).waitFor();
    expect(await stored(prefix)).toMatchObject({ metadata });
  });

  it('is renamed though its plan is gone, and a restriction of its is no longer held', async () => {
    const stores = storesOf(local);
    const origins = ['https://app.example.com'];
    const left = { name: 'Left over', age: 1, plan: 'gone', restrictions: { origins } };
    const prefix = await storeDemoKey(stores, left, Date.now());
    stores.close();
    const { page } = await open();
    await go(page, `/keys/${prefix}/edit`);
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Renamed');
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByRole('heading', { name: 'Renamed', level: 1 }).waitFor();
    expect(await stored(prefix)).toMatchObject({
      name: 'Renamed',
      plan: 'gone',
      restrictions: { origins },
      version: 2,
    });
    // Saved as it is, it stays as it is.
    await page.getByRole('link', { name: 'Edit' }).click();
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByRole('heading', { name: 'Renamed', level: 1 }).waitFor();
    expect(await stored(prefix)).toMatchObject({ version: 2 });
  });

  it('is rotated with an overlap that counts down; both work until its end', async () => {
    const old = await makeKey('Turning');
    const visit = await open();
    const { page } = visit;
    await go(page, `/keys/${old.prefix}`);
    await rotate(page, 'One hour');
    const key = await page.getByTestId('issued-key').innerText();
    expect([await statusOf(old.key), await statusOf(key)]).toEqual([200, 200]);
    await page.getByRole('button', { name: 'I have stored the key' }).click();
    expect(await keptBy(visit)).not.toContain(key.split('_')[2]);
    await page.getByRole('link', { name: old.prefix }).click();
    const left = page.getByRole('timer');
    const first = await left.innerText();
    expect(first).toMatch(/^59 min \d+ s$|^1 h 0 min 0 s$/);
    await expect.poll(() => left.innerText()).not.toBe(first);
    expect(await page.getByRole('button', { name: 'Rotate' }).isDisabled()).toBe(true);
  });

  it('that a rotation has made stays until it is stored, whatever becomes of the page behind it', async () => {
    const old = await makeKey('Turning amiss');
    const { page, context } = await open();
    await go(page, `/keys/${old.prefix}`);
    await page.getByRole('heading', { name: 'Turning amiss', level: 1 }).waitFor();
    await failReading(context);
    await page.getByRole('button', { name: 'Rotate' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Rotate' }).click();
    await page.getByText('The key could not be read again').waitFor();
    const shown = page.getByTestId('issued-key');
    const key = await shown.innerText();
    await page.getByRole('dialog').getByRole('button', { name: /close/i }).click();
    await page.goBack();
    await page.getByRole('heading', { name: 'API keys', level: 1, includeHidden: true }).waitFor();
    expect(await shown.innerText()).toBe(key);
    expect(await statusOf(key)).toBe(200);
    await page.getByRole('button', { name: 'I have stored the key' }).click();
    expect(await shown.count()).toBe(0);
  });

  it('that was rotated is shown even if the dialog was closed before the answer came', async () => {
    const old = await makeKey('Turning slowly');
    const { page, context } = await open();
    await go(page, `/keys/${old.prefix}`);
    await context.route('**/rotate', async (route) => {
      await page.getByRole('button', { name: 'Cancel' }).click();
      await route.continue();
    });
    await page.getByRole('button', { name: 'Rotate' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Rotate' }).click();
    expect(await statusOf(await page.getByTestId('issued-key').innerText())).toBe(200);
  });

  it('keeps what is written of it when it cannot be read meanwhile', async () => {
    const { prefix } = await makeKey('Draft');
    const { page, context } = await open();
    await go(page, `/keys/${prefix}/edit`);
    const name = page.getByRole('textbox', { name: 'Name', exact: true });
    await name.fill('Half written');
    await failReading(context);
    // What has been read is old, and somebody comes back to the window.
    await page.clock.setSystemTime(Date.now() + 60_000);
    await page.evaluate("window.dispatchEvent(new Event('visibilitychange'))");
    await page.getByText('The key could not be read again').waitFor();
    expect(await name.inputValue()).toBe('Half written');
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByRole('heading', { name: 'Half written', level: 1 }).waitFor();
  });

  it('is revoked once its prefix has been typed, and not before', async () => {
    const { key, prefix } = await makeKey('Doomed');
    const { page } = await open();
    await go(page, `/keys/${prefix}`);
    await page.getByRole('button', { name: 'Revoke' }).click();
    const dialog = page.getByRole('dialog');
    const confirm = dialog.getByRole('button', { name: 'Revoke' });
    await dialog.getByLabel(/^Reason/).fill('Found in a gist');
    await dialog.getByLabel(/^To confirm/).fill('Doomed');
    expect(await confirm.isDisabled()).toBe(true);
    await page.keyboard.press('Enter');
    expect(await statusOf(key)).toBe(200);
    await dialog.getByLabel(/^To confirm/).fill(prefix);
    await confirm.click();
    await page.getByText('This key is revoked, for good').waitFor();
    await page.getByText('Found in a gist').waitFor();
    expect(await statusOf(key)).toBe(403);
    expect(await page.getByRole('button', { name: 'Revoke' }).isDisabled()).toBe(true);
    await page.getByText(`On other stages a cached result can allow ${prefix} for up to the cache TTL.`).waitFor();
  });

  it('a revoked key that cached results can still allow is shown with the stages, and can be revoked again', async () => {
    const { prefix } = await makeKey('Cached');
    const { page, context } = await open();
    await go(page, `/keys/${prefix}`);
    const again = await answerCaches(context, 'revoke', [
      { flushed: ['http/a1/$default'], pending: ['http/c3/$default'], failed: ['rest/b2/prod'] },
      { flushed: ['http/a1/$default', 'http/c3/$default', 'rest/b2/prod'], pending: [], failed: [] },
    ]);
    await page.getByRole('button', { name: 'Revoke' }).click();
    await page
      .getByRole('dialog')
      .getByLabel(/^To confirm/)
      .fill(prefix);
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('Cache flushed: http/a1/$default.').waitFor();
    await page.getByText(`${prefix} can still be allowed by cached results`).waitFor();
    await page.getByText('Cache flush pending: http/c3/$default.').waitFor();
    await page.getByText('Cache flush failed: rest/b2/prod.').waitFor();
    await page.getByRole('button', { name: 'Revoke again' }).click();
    await page.getByText('Cache flushed: http/a1/$default, http/c3/$default, rest/b2/prod.').waitFor();
    expect(await page.getByText('can still be allowed by cached results').count()).toBe(0);
    expect(again.asked).toBe(2);
  });

  it('a replaced key that cached results can still allow is shown with the stages, next to the new key', async () => {
    const { prefix } = await makeKey('Replaced');
    const { page, context } = await open();
    await go(page, `/keys/${prefix}`);
    await answerCaches(context, 'rotate', [{ flushed: [], pending: [], failed: ['rest/b2/prod'] }]);
    await answerCaches(context, 'revoke', [{ flushed: ['rest/b2/prod'], pending: [], failed: [] }]);
    await rotate(page, 'Not at all');
    await page.getByText(`${prefix} can still be allowed by cached results`).waitFor();
    await page.getByRole('button', { name: 'Revoke the old key' }).click();
    await page.getByText('Cache flushed: rest/b2/prod.').waitFor();
    expect(await page.getByTestId('issued-key').innerText()).toMatch(/^lk_/);
    expect(await stored(prefix)).toMatchObject({ status: 'revoked' });
  });

  it('that is not there: says so', async () => {
    const { page } = await open();
    await go(page, '/keys/000000000000');
    await page.getByRole('heading', { name: 'No key has this prefix' }).waitFor();
    await go(page, '/nowhere');
    await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
  });
});

describe('when something is amiss', () => {
  it('whoever has no session is told, and how to get one', async () => {
    const { page, context } = await open();
    await page.getByRole('link', { name: 'Checkout service' }).waitFor();
    await context.clearCookies();
    await page.getByRole('button', { name: 'Refresh' }).click();
    await page.getByText('You are not signed in').waitFor();
    await page.getByText(/Press Enter where "latchkey console" runs/).waitFor();
    await page.reload();
    await page.getByText('You are not signed in').waitFor();
    expect(await axe.violationsOf(page, 'not signed in', 'light, wide')).toEqual([]);
  });

  it('the link leaves the address bar at once, and opens nothing a second time', async () => {
    const link = running.newLink();
    const first = await visitForTest(browser, { ...running, newLink: () => link });
    await first.page.getByRole('link', { name: 'Checkout service' }).waitFor();
    expect(first.page.url()).not.toContain('token');
    expect(first.requests.join('\n').replace(link, '')).not.toContain('token');
    // A reload stays signed in.
    await first.page.reload();
    await first.page.getByRole('link', { name: 'Checkout service' }).waitFor();
    const second = await visitForTest(browser, { ...running, newLink: () => link });
    await second.page.getByText(/This link has been used/).waitFor();
  });

  it('a server that has gone is said to be gone, and asked again on request', async () => {
    const gone = await consoleOn(local);
    const { page } = await visitForTest(browser, gone);
    await page.getByRole('link', { name: 'Checkout service' }).waitFor();
    await gone.stop();
    await page.getByRole('button', { name: 'Refresh' }).click();
    await page.getByText('The keys could not be listed').waitFor();
    await page.getByText(/Is "latchkey console" still running\?/).waitFor();
    await page.getByRole('button', { name: 'Try again' }).waitFor();
  });

  it('what AWS refuses the operator is called access denied', async () => {
    const { page, context } = await open();
    await page.getByRole('link', { name: 'Checkout service' }).waitFor();
    // As the command line's server answers it, which a test of that has.
    await context.route('**/api/keys/*', (route) =>
      route.fulfill({
        status: 403,
        json: { error: { code: 'access_denied', message: 'Your AWS credentials may not call Get.' } },
      }),
    );
    await page.getByRole('link', { name: 'Checkout service' }).click();
    await page.getByText('Access denied').waitFor();
    await page.getByText('Your AWS credentials may not call Get.').waitFor();
  });

  it('where keys are only read, it says so and offers no change', async () => {
    const replica = await consoleOn(local, { readOnly: true });
    onTestFinished(() => replica.stop());
    const { page } = await visitForTest(browser, replica);
    await page.getByText('Keys are only looked at here').waitFor();
    expect(await page.getByRole('link', { name: 'Create key' }).count()).toBe(0);
    await page.getByRole('link', { name: 'Checkout service' }).click();
    await page.getByRole('heading', { name: 'Details' }).waitFor();
    for (const name of ['Edit', 'Rotate', 'Revoke'])
      expect(await page.getByRole('button', { name }).or(page.getByRole('link', { name })).count()).toBe(0);
  });
});

describe('looks', () => {
  it('are dark when the system is, or when chosen, and remembered', async () => {
    const { page } = await open({ colorScheme: 'dark' });
    await page.getByRole('link', { name: 'Checkout service' }).waitFor();
    const isDark = () => page.evaluate("document.body.classList.contains('awsui-dark-mode')");
    expect(await isDark()).toBe(true);
    await page.getByRole('button', { name: 'Appearance' }).click();
    await page.getByRole('menuitemcheckbox', { name: 'Light' }).click();
    await expect.poll(isDark).toBe(false);
    await page.reload();
    await page.getByRole('link', { name: 'Checkout service' }).waitFor();
    expect(await isDark()).toBe(false);
  });

  it('fit a narrow screen: no page is wider than it', async () => {
    const { page } = await open({ viewport: { width: 360, height: 740 } });
    await page.getByRole('link', { name: 'Checkout service' }).waitFor();
    const width = () => page.evaluate('document.scrollingElement.scrollWidth');
    for (const hash of [
      '/',
      '/create',
      `/keys/${prefixOf('Checkout service')}`,
      `/keys/${prefixOf('Checkout service')}/edit`,
    ]) {
      await go(page, hash);
      await page.getByRole('heading', { level: 1 }).waitFor();
      expect(await width(), hash).toBeLessThanOrEqual(360);
    }
  });
});

describe.each(['light', 'dark'] as const)('axe, in %s', (colorScheme) => {
  it.each([
    ['wide', 1280, 900],
    ['narrow', 390, 780],
  ] as const)('finds nothing on any page, %s', async (size, width, height) => {
    const { page, context } = await open({ colorScheme, viewport: { width, height }, reducedMotion: 'reduce' });
    const mode = `${colorScheme}, ${size}` as const;
    const clean = async (what: string) => {
      expect(await axe.violationsOf(page, what, mode), `${what}, ${mode}`).toEqual([]);
    };
    await page.getByRole('link', { name: 'Checkout service' }).waitFor();
    await clean('list');
    const key = `/keys/${prefixOf('Checkout service')}`;
    await go(page, key);
    await page.getByRole('heading', { name: 'By route' }).waitFor();
    await clean('key');
    await page.getByRole('button', { name: 'Rotate' }).click();
    await page.getByRole('dialog').waitFor();
    await clean('rotate');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('dialog').waitFor();
    await clean('revoke');
    await page.getByRole('button', { name: 'Cancel' }).click();
    for (const [name, what] of [
      ['Leaked in a gist', 'revoked key'],
      ['Partner sandbox', 'expired key'],
    ] as const) {
      await go(page, `/keys/${prefixOf(name)}`);
      await page.getByRole('heading', { name, level: 1 }).waitFor();
      await clean(what);
    }
    const { prefix } = await makeKey('Cached, for axe');
    await answerCaches(context, 'revoke', [{ flushed: ['http/a1/$default'], pending: [], failed: ['rest/b2/prod'] }]);
    await go(page, `/keys/${prefix}`);
    await page.getByRole('button', { name: 'Revoke' }).click();
    await page.getByLabel(/^To confirm/).fill(prefix);
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('button', { name: 'Revoke again' }).waitFor();
    await clean('key just revoked, a cache not flushed');
    await go(page, `${key}/edit`);
    await page.getByRole('button', { name: 'Save changes' }).waitFor();
    await clean('edit');
    await go(page, '/create');
    await page.getByRole('button', { name: 'Add a scope' }).click();
    await page.getByRole('button', { name: 'Add a fact' }).click();
    await page.getByRole('button', { name: 'Create key' }).click();
    await page.getByText('Give the key a name.').waitFor();
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('For axe');
    await page.getByLabel('Rate').fill('fast');
    await page.getByRole('button', { name: 'Create key' }).click();
    await page.getByText(/^not a rate/).waitFor();
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('');
    await clean('create, with faults');
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('For axe');
    await page.getByLabel('Rate').fill('');
    await page.getByRole('button', { name: 'Remove' }).last().click();
    await page.getByRole('button', { name: 'Create key' }).click();
    await page.getByTestId('issued-key').waitFor();
    await clean('issued');
    await page.getByRole('button', { name: 'I have stored the key' }).click();
    await go(page, '/nowhere');
    await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
    await clean('not found');
  });
});
