import { describe, expect, it, onTestFinished } from 'vitest';
import { localForTests, names, storedByBrowser, useConsole } from './console-fixture.ts';
import { consoleOn, visitForTest } from './stage.ts';

const { local, browser, running, open, go, invoke, makeKey, statusOf } = useConsole();

describe('the overview', () => {
  it('counts keys by status, and lists those that need attention', async () => {
    const { page, complaints } = await open();
    await page.getByRole('link', { name: 'Overview' }).click();
    await page.getByRole('heading', { name: 'Keys by status' }).waitFor();
    for (const count of ['Active: 9', 'Revoked: 2', 'Expired: 2', 'Expires within 30 days: 2', 'Unused for 90 days: 0'])
      await page.getByRole('link', { name: count }).waitFor();
    await expect.poll(() => names(page, 'Expiring soon')).toEqual(['Load test, staging', 'Onboarding demo']);
    expect((await names(page, 'Recently created'))[0]).toBe('Onboarding demo');
    await page.getByText('All 13 keys.').waitFor();
    await page.getByRole('link', { name: 'Expires within 30 days: 2' }).click();
    await expect.poll(() => names(page)).toEqual(['Onboarding demo', 'Load test, staging']);
    expect(complaints).toEqual([]);
  });

  it('offers to create the first key in an empty table', async () => {
    const bare = await localForTests();
    onTestFinished(() => bare.stop());
    const empty = await consoleOn(bare);
    onTestFinished(() => empty.stop());
    const { page } = await visitForTest(browser(), empty);
    await page.getByRole('heading', { name: 'No keys yet' }).waitFor();
    await page.getByRole('link', { name: 'Overview' }).click();
    await page.getByRole('heading', { name: 'No keys yet' }).waitFor();
    await page.getByRole('link', { name: 'Create the first key' }).click();
    await page.getByRole('heading', { name: 'Create key', level: 1 }).waitFor();
  });
});

describe('the page of an owner', () => {
  it('the page of an owner shows the keys, and suspends and resumes the owner', async () => {
    const { key } = await makeKey('Of a customer', { ownerId: 'team/a?b=c%20&d#e' });
    const { page } = await open();
    await page.getByRole('link', { name: 'Owners' }).click();
    await page.getByRole('link', { name: 'team/a?b=c%20&d#e' }).click();
    await page.getByRole('heading', { name: 'team/a?b=c%20&d#e', level: 1 }).waitFor();
    await expect.poll(() => names(page, /^Keys of/)).toEqual(['Of a customer']);
    await page.getByRole('button', { name: 'Suspend' }).click();
    await page.getByLabel(/^Reason/).fill('Unpaid invoice');
    await page.getByRole('dialog').getByRole('button', { name: 'Suspend owner' }).click();
    await page.getByText('This owner is suspended').waitFor();
    await page.getByText('Unpaid invoice').waitFor();
    await page.getByRole('row', { name: 'Of a customer' }).getByText('Suspended').waitFor();
    expect(await statusOf(key)).toBe(403);
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('button', { name: 'Suspend' }).waitFor();
    await page.getByRole('row', { name: 'Of a customer' }).getByText('Active').waitFor();
    expect(await statusOf(key)).toBe(200);
  });

  it('the page of an owner opens by ID, and never accepts a key', async () => {
    const { page } = await open();
    await go(page, '/owners');
    await page.getByLabel('Owner ID').fill('acme-retail');
    await page.getByRole('button', { name: 'Open', exact: true }).click();
    await page.getByRole('heading', { name: 'acme-retail', level: 1 }).waitFor();
    await expect.poll(() => names(page, /^Keys of/)).toHaveLength(4);
    await go(page, '/owners');
    await page.getByLabel('Owner ID').fill('lk_abcdefghijkl_abcdefghijklmnopqrstuvwxyz0123');
    await page
      .getByText(/This may be a key/)
      .first()
      .waitFor();
    await page.keyboard.press('Enter');
    expect(page.url()).toBe(`${running().origin}/#/owners`);
  });

  it('the page of an owner says so if the deployment can’t suspend owners', async () => {
    const without = await consoleOn(local(), { ownerSuspension: false });
    onTestFinished(() => without.stop());
    const { page, requests } = await visitForTest(browser(), without);
    await page.goto(`${without.origin}/#/owners?id=acme-retail`);
    await page.getByText(/This deployment can’t suspend owners/).waitFor();
    expect(await page.getByRole('button', { name: 'Suspend' }).count()).toBe(0);
    expect(requests.filter((url) => url.includes('/api/owners/'))).toEqual([]);
  });
});

describe('the page that verifies a key', () => {
  it('the page that verifies a key says whether the key would be allowed, and why not, and stores the key nowhere', async () => {
    const { key, prefix } = await makeKey('Verified', { scopes: ['GET /orders/*'] });
    const { page, ...visit } = await open();
    await page.getByRole('link', { name: 'Verify a key' }).click();
    const verify = async (text: string) => {
      await page.getByLabel('Key', { exact: true }).fill(text);
      await page.getByRole('button', { name: 'Verify', exact: true }).click();
    };
    await verify(key);
    await page.getByText('The key would be allowed').waitFor();
    await page.getByRole('link', { name: 'Verified' }).waitFor();
    expect(await page.getByLabel('Key', { exact: true }).inputValue()).toBe('');
    await page.getByRole('button', { name: 'Request' }).click();
    await page.getByLabel('Route').fill('DELETE /orders/1');
    await verify(key);
    await page.getByText('scope', { exact: true }).waitFor();
    await invoke('revoke-key', { prefix });
    await verify(key);
    await page.getByText('The key is revoked.').waitFor();
    await verify('not-a-key');
    await page.getByText('malformed', { exact: true }).waitFor();
    const [, , secret = ''] = key.split('_');
    expect(await storedByBrowser({ page, ...visit })).not.toContain(secret);
    expect(visit.requests.join('\n')).not.toContain(secret);
    expect(await page.content()).not.toContain(secret);
  });

  it('the page that verifies a key marks a route that is invalid', async () => {
    const { page } = await open();
    await go(page, '/verify');
    await page.getByRole('button', { name: 'Request' }).click();
    await page.getByLabel('Route').fill('orders');
    await page.getByLabel('Key', { exact: true }).fill('lk_000000000000_x');
    await page.getByRole('button', { name: 'Verify', exact: true }).click();
    await expect.poll(() => page.getByLabel('Route').getAttribute('aria-invalid')).toBe('true');
  });
});

describe('the settings', () => {
  it('the settings show the label, plans, restrictions and attributes of the deployment', async () => {
    const { page, complaints } = await open();
    await page.getByRole('link', { name: 'Settings' }).click();
    await page.getByRole('heading', { name: 'Settings', level: 1 }).waitFor();
    const plans = await page.getByRole('table', { name: 'Plans' }).locator('tbody th').allInnerTexts();
    expect(plans).toEqual(['free', 'pro']);
    const attributes = await page.getByRole('table', { name: 'Attributes' }).locator('tbody th').allInnerTexts();
    expect(attributes).toEqual(['tier', 'costCentre', 'contact']);
    for (const text of ['lk', 'Primary Region', 'Not enabled']) await page.getByText(text, { exact: true }).waitFor();
    expect(complaints).toEqual([]);
  });
});
