import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  choose,
  localForTests,
  names,
  ownerFilter,
  searchField,
  storedByBrowser,
  useConsole,
} from './console-fixture.ts';
import { storeDemoKey, storesOf } from '../../../local/demo-data.ts';
import { consoleOn, visitForTest } from './stage.ts';

const { local, browser, running, prefixOf, open, go, invoke, makeKey, stored } = useConsole();

/** Clicks a column header. Cloudscape's sticky copy of the header covers the one that has the role. */
const sortBy = (page: Page, column: string) =>
  page.getByRole('columnheader', { name: column }).getByRole('button').first().click({ force: true });

describe('the list of keys', () => {
  it('shows the status, owner, prefix, dates and attributes of keys, the newest first', async () => {
    const { page, complaints } = await open();
    await page.getByRole('link', { name: 'Checkout service' }).waitFor();
    const headers = (await page.getByRole('columnheader').allInnerTexts()).map((text) => text.trim());
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
    for (const text of [
      'Active',
      'acme-retail',
      prefixOf('Checkout service'),
      /^\d+ minutes ago$/,
      'premium',
      'CC-2210',
    ])
      await row.getByText(text).waitFor();
    const shown = await names(page);
    expect(shown.indexOf('Onboarding demo')).toBeLessThan(shown.indexOf('Night batch'));
    expect(complaints).toEqual([]);
  });

  it('shows the status that the authorizer would decide', async () => {
    await makeKey('Of a suspended owner', { ownerId: 'late-payer' });
    await makeKey('Starts next week', { notBefore: '7d' });
    const stores = storesOf(local());
    await storeDemoKey(stores, { name: 'On a removed plan', age: 1, plan: 'removed' }, Date.now());
    const origins = ['https://app.example.com'];
    await storeDemoKey(stores, { name: 'With an origin', age: 1, restrictions: { origins } }, Date.now());
    stores.close();
    await invoke('suspend-owner', { ownerId: 'late-payer' });
    const { page } = await open();
    for (const [name, status] of [
      ['Of a suspended owner', 'Suspended'],
      ['Starts next week', 'Not yet valid'],
      ['On a removed plan', 'Plan missing'],
      ['With an origin', 'Not enforced'],
      ['Partner sandbox', 'Expired'],
      ['Leaked in a gist', 'Revoked'],
      ['Stock sync', 'Active'],
    ] as const)
      await page.getByRole('row', { name }).getByText(status, { exact: true }).waitFor();
    await choose(page, 'Filter by status', 'Suspended');
    await expect.poll(() => names(page)).toEqual(['Of a suspended owner']);
    await choose(page, 'Filter by status', 'Active');
    await page.getByRole('link', { name: 'Stock sync' }).waitFor();
    await expect.poll(() => names(page)).not.toContain('Of a suspended owner');
  });

  it('never calls a key active whose owner can’t be read', async () => {
    const { page, context } = await open();
    await context.route('**/api/owners/*', (route) => route.fulfill({ status: 502, json: {} }));
    await page.reload();
    await page.getByRole('row', { name: 'Stock sync' }).getByText('Owner not checked').waitFor();
  });

  it('searches by the start of the name, and filters by owner and status', async () => {
    const { page } = await open();
    await searchField(page).fill('mobile');
    await expect.poll(() => names(page)).toEqual(['Mobile app, Android', 'Mobile app, iOS']);
    await searchField(page).fill('');
    await ownerFilter(page).fill('initech');
    await expect.poll(() => names(page)).toEqual(['Invoice export', 'Leaked in a gist', 'Legacy importer']);
    await choose(page, 'Filter by status', 'Revoked');
    await expect.poll(() => names(page)).toEqual(['Leaked in a gist', 'Legacy importer']);
    await ownerFilter(page).fill('no-such-owner');
    await page.getByText('No matching keys').waitFor();
    const button = await page.getByRole('button', { name: 'Clear filters' }).boundingBox();
    const text = await page.getByText('No matching keys').boundingBox();
    const center = (box: { x: number; width: number } | null) => (box === null ? NaN : box.x + box.width / 2);
    expect(Math.abs(center(button) - center(text))).toBeLessThan(3);
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await page.getByRole('link', { name: 'Checkout service' }).waitFor();
  });

  it('searches all fields of the loaded keys for a text', async () => {
    const { page } = await open();
    await choose(page, 'Search in', 'Any field');
    await searchField(page).fill('android');
    await expect.poll(() => names(page)).toEqual(['Mobile app, Android']);
    await searchField(page).fill('CC-4410');
    await expect.poll(() => names(page)).toEqual(['Stock sync', 'Reporting dashboard']);
    await page.getByText(/^2 of \d+ loaded keys\.$/).waitFor();
  });

  it('sorts by every column, and puts keys without a value last', async () => {
    const { page } = await open();
    await ownerFilter(page).fill('acme-retail');
    await expect.poll(() => names(page)).toHaveLength(4);
    await sortBy(page, 'Name');
    await expect
      .poll(() => names(page))
      .toEqual(['Checkout service', 'Mobile app, Android', 'Mobile app, iOS', 'Night batch']);
    await sortBy(page, 'Name');
    await expect
      .poll(() => names(page))
      .toEqual(['Night batch', 'Mobile app, iOS', 'Mobile app, Android', 'Checkout service']);
    for (const column of ['Status', 'Prefix', 'Expires', 'Last used', 'Tier', 'Cost centre']) {
      await sortBy(page, column);
      await expect.poll(() => names(page)).toHaveLength(4);
    }
    await ownerFilter(page).fill('');
    await sortBy(page, 'Owner');
    await expect.poll(async () => (await names(page)).indexOf('Load test, staging')).toBeGreaterThan(11);
  });

  it('says how many keys it has sorted, and loads more', async () => {
    const { page, context } = await open();
    // Reports more keys after the first thousand. Loading a thousand keys would take minutes.
    await context.route('**/api/keys?*', async (route) => {
      const response = await route.fetch();
      const body = (await response.json()) as { records: unknown[]; cursor: string | null };
      const more = !route.request().url().includes('cursor=');
      await route.fulfill({ response, json: { ...body, cursor: more ? 'WzEsIjAwMDAwMDAwMDAwMCJd' : null } });
    });
    await go(page, '/?sort=name');
    await page.getByText(/loaded keys\.$/).waitFor();
    expect(await page.getByRole('button', { name: 'Load 1,000 more' }).count()).toBe(0);
    await context.unroute('**/api/keys?*');
    await context.route('**/api/keys?*', async (route) => {
      const response = await route.fetch({
        url: route
          .request()
          .url()
          .replace(/&cursor=[^&]*/, ''),
      });
      await route.fulfill({
        response,
        json: { ...((await response.json()) as object), cursor: 'WzEsIjAwMDAwMDAwMDAwMCJd' },
      });
    });
    await go(page, '/?sort=-name');
    await page.reload();
    await page.getByText(/There are more keys, which are not sorted or searched yet/).waitFor();
    await page.getByRole('button', { name: 'Load 1,000 more' }).waitFor();
  });

  it('keeps filters, order and page in the URL after a reload, after Back and in a shared link', async () => {
    const { page } = await open();
    await ownerFilter(page).fill('acme-retail');
    await expect.poll(() => names(page)).toHaveLength(4);
    await sortBy(page, 'Name');
    const sorted = ['Checkout service', 'Mobile app, Android', 'Mobile app, iOS', 'Night batch'];
    await expect.poll(() => names(page)).toEqual(sorted);
    await page.reload();
    await expect.poll(() => names(page)).toEqual(sorted);
    expect(await ownerFilter(page).inputValue()).toBe('acme-retail');
    await page.getByRole('link', { name: 'Night batch' }).click();
    await page.getByRole('heading', { name: 'Night batch', level: 1 }).waitFor();
    await page.goBack();
    await expect.poll(() => names(page)).toEqual(sorted);
    const other = await open();
    await other.page.goto(page.url());
    await expect.poll(() => names(other.page)).toEqual(sorted);
  });

  it('ignores invalid state in the URL', async () => {
    const { page } = await open();
    await go(page, '/?page=-3&cursor=%25&sort=nothing&show=everything&other=1');
    await page.getByRole('link', { name: 'Checkout service' }).waitFor();
    expect((await names(page)).length).toBeGreaterThan(12);
  });

  it('exports the matching keys as CSV in the order of the list', async () => {
    const { page } = await open();
    await go(page, '/?owner=acme-retail&sort=name');
    await expect.poll(() => names(page)).toHaveLength(4);
    const [saved] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export CSV' }).click(),
    ]);
    expect(saved.suggestedFilename()).toBe('api-keys.csv');
    const [header = '', ...rows] = (await readFile(await saved.path(), 'utf8')).trim().split('\r\n');
    expect(header).toMatch(/^Name,Status,Owner,Prefix,/);
    expect(rows).toHaveLength(4);
    expect(rows[0]).toMatch(/^Checkout service,Active,acme-retail,/);
    expect(rows[1]).toMatch(/^"Mobile app, Android",Active,/);
  });
});

describe('the search field', () => {
  it('opens a prefix, and keeps a pasted key out of the URL', async () => {
    const { key, prefix } = await makeKey('Pasted');
    const { page, requests, ...visit } = await open();
    await searchField(page).fill(key);
    await page.getByRole('heading', { name: 'Pasted', level: 1 }).waitFor();
    expect(page.url()).toBe(`${running().origin}/#/keys/${prefix}`);
    const [, , secret = ''] = key.split('_');
    expect(requests.join('\n')).not.toContain(secret);
    expect(await storedByBrowser({ page, requests, ...visit })).not.toContain(secret);
    await go(page, '/');
    await searchField(page).fill(prefix);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Pasted', level: 1 }).waitFor();
  });

  it.each([
    ['djangorestframework-api-key', 'Xb3kPq9Z.f7Tn2mVwQ8sRyL4cJ6hD1gKeA5uB0oWx'],
    ['Better Auth', 'acme_QkzPwMvTnRbYsLdHgJfXcAeUoIiWmNqBtVrKxZpSyDaEuGhOjClFwQzTbMnRvYkP'],
    ['Unkey', 'acme_3ZfGqWmR7sLtNpXcV9bKdJ'],
    ['API Gateway', 'b7Yt2kQ9mXw4Rz6pLs1Vn8Dc3Gh5Jf0KaEuTiOyB'],
    ['prefixed-api-key', 'acme_BRTRKFsL_51FwqftsmMDHHbJAMEXXHCgG'],
  ])('does not send a pasted key of %s, or put it into the URL', async (_, key) => {
    const { page, requests, ...visit } = await open();
    for (const mode of ['Name', 'Any field']) {
      await choose(page, 'Search in', mode);
      for (const text of [key, `x-api-key: ${key}`]) {
        await searchField(page).fill(text);
        // Cloudscape repeats the warning for screen readers.
        await page
          .getByText(/This may be a key/)
          .first()
          .waitFor();
        await page.keyboard.press('Enter');
        // Longer than the pause after which the console searches.
        await delay(500);
      }
    }
    await searchField(page).fill('mobile');
    await expect.poll(() => names(page)).toEqual(['Mobile app, iOS', 'Mobile app, Android']);
    await expect.poll(() => page.getByText(/This may be a key/).count()).toBe(0);
    expect(requests.map((url) => decodeURIComponent(url)).join('\n')).not.toContain(key.slice(0, 20));
    expect(await storedByBrowser({ page, requests, ...visit })).not.toContain(key);
  });

  it('opens the ID of an imported key', async () => {
    const { page } = await open();
    for (const id of ['drf.Xb3kPq9Z', 'hash.Abc_def-0123456789abcd']) {
      await go(page, '/');
      await searchField(page).fill(id);
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Key not found' }).waitFor();
      expect(page.url()).toBe(`${running().origin}/#/keys/${id}`);
    }
  });
});

describe('the columns of the list', () => {
  it('the columns of the list show the status in full', async () => {
    const { prefix } = await makeKey('In rotation');
    await invoke('rotate-key', { prefix, overlap: '1h' });
    const { page } = await open();
    await page.getByText('Being replaced').first().waitFor();
    const cut = await page.evaluate(`[...document.querySelectorAll('td')]
      .filter((cell) => cell.textContent.includes('Being replaced'))
      .flatMap((cell) => [cell, ...cell.querySelectorAll('*')])
      .some((part) => part.clientWidth > 1 && part.scrollWidth > part.clientWidth)`);
    expect(cut).toBe(false);
  });

  it('the columns of the list include the status on a phone', async () => {
    const { page } = await open({ viewport: { width: 390, height: 780 } });
    const status = page.getByRole('row', { name: 'Checkout service' }).getByText('Active');
    await status.waitFor();
    const box = await status.boundingBox();
    expect((box?.x ?? 999) + (box?.width ?? 999)).toBeLessThanOrEqual(390);
  });
});

describe('selected keys', () => {
  it('selected keys are revoked together, with a report of the keys that failed', async () => {
    const made = [await makeKey('Batch one'), await makeKey('Batch two'), await makeKey('Batch three')];
    const { page, context, requests } = await open();
    await searchField(page).fill('Batch');
    await expect.poll(() => names(page)).toHaveLength(3);
    for (const name of ['Batch one', 'Batch two', 'Batch three'])
      await page.getByRole('checkbox', { name: `Select ${name}` }).check();
    await page.getByText('(3 selected)').waitFor();
    await context.route(`**/api/keys/${made[1]?.prefix ?? ''}/revoke`, (route) =>
      route.fulfill({ status: 502, json: { error: { code: 'unreachable', message: 'The table is not available.' } } }),
    );
    await page.getByRole('button', { name: 'Revoke', exact: true }).click();
    const dialog = page.getByRole('dialog');
    const confirm = dialog.getByRole('button', { name: 'Revoke 3 keys' });
    expect(await confirm.isDisabled()).toBe(true);
    await dialog.getByLabel(/^Reason/).fill('Cleanup');
    await dialog.getByLabel(/^To confirm/).fill('3');
    await confirm.click();
    await dialog.getByText('Revocation report').waitFor();
    await dialog.getByText('2 of 3 revoked, 1 failed').first().waitFor();
    await dialog.getByText(/Batch two.*The table is not available/).waitFor();
    // Three revocations, and one flush.
    expect(requests.filter((url) => url.endsWith('/revoke'))).toHaveLength(4);
    await dialog.getByRole('button', { name: 'Close', exact: true }).last().click();
    const statuses = await Promise.all(made.map(async ({ prefix }) => stored(prefix)));
    expect(statuses).toMatchObject([
      { status: 'revoked', revokedReason: 'Cleanup' },
      { status: 'active' },
      { status: 'revoked', revokedReason: 'Cleanup' },
    ]);
    await page.getByRole('row', { name: 'Batch one' }).getByText('Revoked').waitFor();
    expect(await page.getByRole('checkbox', { name: 'Select Batch one' }).isDisabled()).toBe(true);
  });

  it('selected keys stay selected on other pages', async () => {
    const { page } = await open();
    await page.getByRole('checkbox', { name: 'Select Checkout service' }).check();
    await searchField(page).fill('Stock');
    await expect.poll(() => names(page)).toEqual(['Stock sync']);
    await page.getByRole('checkbox', { name: 'Select Stock sync' }).check();
    await page.getByText('(2 selected)').waitFor();
  });
});

describe('the pages of the list', () => {
  it('the pages of the list take one request each, forwards and back, and survive a reload', async () => {
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
    const { page, requests } = await visitForTest(browser(), paged);
    const listed = () => requests.filter((url) => url.includes('/api/keys?')).length;
    await page.getByRole('link', { name: 'Client 129' }).waitFor();
    await expect.poll(() => names(page)).toHaveLength(50);
    await page.getByRole('button', { name: 'Next page' }).click();
    await page.getByRole('link', { name: 'Client 079' }).waitFor();
    await page.getByRole('button', { name: 'Next page' }).click();
    await page.getByRole('link', { name: 'Client 000' }).waitFor();
    await expect.poll(() => names(page)).toHaveLength(30);
    expect(await page.getByRole('button', { name: 'Next page' }).isDisabled()).toBe(true);
    expect(listed()).toBe(3);
    await page.getByRole('link', { name: 'Client 007' }).click();
    await page.getByRole('heading', { name: 'Client 007', level: 1 }).waitFor();
    await page.goBack();
    await page.getByRole('link', { name: 'Client 000' }).waitFor();
    await page.getByRole('button', { name: 'Previous page' }).click();
    await page.getByRole('link', { name: 'Client 079' }).waitFor();
    await page.goBack();
    await page.getByRole('link', { name: 'Client 000' }).waitFor();
    const before = listed();
    await page.reload();
    await page.getByRole('link', { name: 'Client 000' }).waitFor();
    expect(listed()).toBe(before + 1);
    await page.getByRole('button', { name: 'Previous page' }).click();
    await page.getByRole('link', { name: 'Client 079' }).waitFor();
  });
});
