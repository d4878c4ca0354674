import { describe, expect, it, onTestFinished } from 'vitest';
import type { Page } from 'playwright-core';
import { choose, localForTests, nameField, searchField, storedByBrowser, useConsole } from './console-fixture.ts';
import { DEMO_ATTRIBUTES } from '../../../local/demo-data.ts';
import { consoleOn, visitForTest } from './stage.ts';

const { browser, running, prefixOf, open, go, stored, statusOf } = useConsole();

/** The invalid fields of a form, by label. */
const invalidFields = (page: Page) =>
  page.locator('[aria-invalid="true"]').evaluateAll((fields) => fields.map((field) => (field as { id: string }).id));

describe('the form of a new key', () => {
  it('creates a key with scopes, expiry, limits and attributes, and stores it nowhere', async () => {
    const visit = await open();
    const { page, requests, complaints } = visit;
    await page.getByRole('link', { name: 'Create key' }).click();
    await nameField(page).fill('Returns portal');
    await page.getByLabel(/^Owner/).fill('acme-retail');
    await choose(page, 'Expires', '30 days from now');
    await choose(page, 'Tier', 'premium');
    await page.getByRole('button', { name: 'Add scope' }).click();
    await page.getByRole('textbox', { name: 'Path' }).fill('/orders/*');
    await choose(page, 'Plan', /^pro/);
    await page.getByLabel('Rate').fill('50/s');
    await page.getByRole('button', { name: 'Create key' }).click();

    const key = await page.getByTestId('issued-key').innerText();
    expect(key).toMatch(/^lk_[0-9A-Za-z]{12}_[0-9A-Za-z]+$/);
    await page.getByRole('button', { name: 'Copy key' }).click();
    await page.getByText('Copied').waitFor();
    expect(await statusOf(key)).toBe(200);
    await page.getByRole('button', { name: 'I have stored the key' }).click();

    await page.getByRole('heading', { name: 'Returns portal', level: 1 }).waitFor();
    for (const text of ['GET /orders/*', 'premium', '50/s', /^pro \(/]) await page.getByText(text).first().waitFor();
    const [, prefix = '', secret = ''] = key.split('_');
    expect(page.url()).toBe(`${running().origin}/#/keys/${prefix}`);
    expect(await page.content()).not.toContain(secret);
    expect(await storedByBrowser(visit)).not.toContain(secret);
    expect(requests.join('\n')).not.toContain(secret);
    expect(complaints).toEqual([]);
    // Scripts can't read the clipboard here, but a user can paste.
    await go(page, '/create');
    await nameField(page).press('ControlOrMeta+V');
    expect(await nameField(page).inputValue()).toBe(key);
  });

  it('creates restrictions and named scopes, which a change of the name keeps', async () => {
    const { page } = await open();
    await go(page, '/create');
    await nameField(page).fill('Restricted');
    await choose(page, 'Tier', 'premium');
    await page.getByRole('button', { name: 'Add scope' }).click();
    await choose(page, 'Method', 'Named scope');
    await page.getByRole('textbox', { name: 'Scope name' }).fill('orders:write');
    await page.getByLabel(/^Stages/).fill('prod, beta');
    await page.getByLabel(/^Source IP addresses/).fill('192.0.2.0/24');
    await page.getByLabel(/^Not before/).fill('7d');
    // The deployment doesn't enforce origins.
    expect(await page.getByLabel(/^Origins/).count()).toBe(0);
    await page.getByRole('button', { name: 'Create key' }).click();
    await page.getByRole('button', { name: 'I have stored the key' }).click();
    await page.getByRole('heading', { name: 'Restricted', level: 1 }).waitFor();
    for (const text of ['orders:write', 'prod', 'beta', '192.0.2.0/24', 'Not before'])
      await page.getByText(text, { exact: true }).waitFor();

    await page.getByRole('link', { name: 'Edit' }).click();
    await nameField(page).fill('Still restricted');
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByRole('heading', { name: 'Still restricted', level: 1 }).waitFor();
    expect(await stored(page.url().split('/').at(-1) ?? '')).toMatchObject({
      scopes: ['orders:write'],
      restrictions: { stages: ['prod', 'beta'], sourceIps: ['192.0.2.0/24'] },
      notBefore: expect.stringMatching(/Z$/) as string,
    });
  });

  it('stores the expiry as the chosen day in UTC, in any time zone of the user', async () => {
    const day = `${String(new Date().getUTCFullYear() + 2)}-01-31`;
    for (const timezoneId of ['America/New_York', 'Pacific/Auckland']) {
      const { page } = await open({ timezoneId });
      await go(page, '/create');
      await nameField(page).fill(`Expires in ${timezoneId}`);
      await choose(page, 'Expires', 'On a date');
      await page.getByPlaceholder('YYYY-MM-DD').fill(day);
      await choose(page, 'Tier', 'premium');
      await page.getByRole('button', { name: 'Create key' }).click();
      await page.getByRole('button', { name: 'I have stored the key' }).click();
      const shown = `Jan 31, ${day.slice(0, 4)}`;
      await page.getByText(`${shown}, 00:00 UTC`, { exact: true }).waitFor();
      expect(await stored(page.url().split('/').at(-1) ?? '')).toMatchObject({ expiresAt: `${day}T00:00:00.000Z` });
      await page.getByRole('link', { name: 'Edit' }).click();
      await page.getByText(`Keep: ${shown}, 00:00 UTC`).waitFor();
      await go(page, '/');
      await page.getByRole('row', { name: timezoneId }).getByText(shown, { exact: true }).waitFor();
      await page.getByText('Dates are in UTC.').waitFor();
    }
  });

  it('copies all fields of an existing key except its expiry and start time', async () => {
    const { page } = await open();
    await go(page, `/keys/${prefixOf('Stock sync')}`);
    await page.getByRole('link', { name: 'Duplicate' }).click();
    await page.getByRole('heading', { name: 'Create key', level: 1 }).waitFor();
    expect(await nameField(page).inputValue()).toBe('Stock sync (copy)');
    expect(await page.getByLabel(/^Owner/).inputValue()).toBe('globex');
    expect(await page.getByLabel('Rate').inputValue()).toBe('50/s');
    await page.getByRole('button', { name: 'Create key' }).click();
    await page.getByRole('button', { name: 'I have stored the key' }).click();
    await page.getByRole('heading', { name: 'Stock sync (copy)', level: 1 }).waitFor();
    expect(await stored(page.url().split('/').at(-1) ?? '')).toMatchObject({
      ownerId: 'globex',
      scopes: ['GET /stock/*', 'PUT /stock/*'],
      limits: { rate: '50/s', burst: 100 },
      metadata: { tier: 'premium', costCentre: 'CC-4410' },
      rotatedFrom: null,
    });
  });

  it('the form of a new key can be filled in with the keyboard alone', async () => {
    const { page } = await open();
    await page.getByRole('link', { name: 'Create key' }).waitFor();
    const tabTo = async (role: Parameters<Page['getByRole']>[0], name: string | RegExp) => {
      const wanted = page.getByRole(role, { name });
      for (let presses = 0; presses < 80; presses++) {
        if ((await wanted.and(page.locator(':focus')).count()) === 1) return;
        await page.keyboard.press('Tab');
      }
      throw new Error(`The keyboard does not reach ${String(name)}.`);
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
    await page.getByRole('alert').or(page.getByText('This key is revoked')).first().waitFor();
  });
});

describe('an error in the form of a new key', () => {
  it('an error in the form of a new key is shown at the empty name, focused and in view, and nothing is sent', async () => {
    const { page, requests } = await open({ viewport: { width: 1280, height: 600 } });
    await go(page, '/create');
    const before = requests.length;
    await nameField(page).fill(' ');
    await page.getByRole('button', { name: 'Create key' }).click();
    await page.getByText('Enter a name.').first().waitFor();
    await expect.poll(() => nameField(page).and(page.locator(':focus')).count()).toBe(1);
    expect(await isInView(page)).toBe(true);
    expect(requests.slice(before).filter((url) => url.includes('/api/'))).toEqual([]);
  });

  it('an error in the form of a new key is shown at each invalid field; the first one is focused and in view', async () => {
    const { page } = await open({ viewport: { width: 1280, height: 600 } });
    await go(page, '/create');
    await nameField(page).fill('Faulty');
    await page.getByLabel(/^Owner/).fill('two words');
    await choose(page, 'Tier', 'premium');
    await page.getByRole('button', { name: 'Add scope' }).click();
    await page.getByRole('textbox', { name: 'Path' }).fill('orders');
    await page.getByLabel('Rate').fill('fast');
    await page.getByRole('button', { name: 'Create key' }).click();
    await expect.poll(() => page.locator('[aria-invalid="true"]').count()).toBe(3);
    await expect
      .poll(() =>
        page
          .getByLabel(/^Owner/)
          .and(page.locator(':focus'))
          .count(),
      )
      .toBe(1);
    expect(await isInView(page)).toBe(true);
    // The summary is announced, and repeats no message of a field.
    const summary = page.locator('[data-error-summary]').first();
    expect(await summary.innerText()).toBe('The key was not created. Correct the marked fields.');
    await go(page, '/');
    await page.getByRole('button', { name: 'Leave' }).click();
    await searchField(page).fill('Faulty');
    await page.getByText('No matching keys').waitFor();
  });

  it.each([
    ['Rate', 'fast'],
    ['Burst', 'many'],
    ['Quota', 'lots'],
  ])('marks only the field %s if only its value is invalid', async (label, value) => {
    const { page } = await open();
    await go(page, '/create');
    await nameField(page).fill('One bad limit');
    await choose(page, 'Tier', 'premium');
    const given = { Rate: '5/s', Burst: '10', Quota: '100/day', [label]: value };
    for (const [field, text] of Object.entries(given)) await page.getByLabel(field).fill(text);
    await page.getByRole('button', { name: 'Create key' }).click();
    const id = await page.getByLabel(label).getAttribute('id');
    await expect.poll(() => invalidFields(page)).toEqual([id]);
  });

  it('an error in the form of a new key is shown at the group if the restrictions are too large together', async () => {
    const { page } = await open();
    await go(page, '/create');
    await nameField(page).fill('Too restricted');
    await choose(page, 'Tier', 'premium');
    const stages = Array.from({ length: 20 }, (_, index) => `a-stage-${String(index)}`);
    await page.getByLabel(/^Stages/).fill(stages.join(', '));
    await page.getByRole('button', { name: 'Create key' }).click();
    await page
      .getByText(/192 bytes/)
      .first()
      .waitFor();
  });

  it('an error in the form of a new key is shown next to the button if the form doesn’t have the field', async () => {
    const strict = await localForTests(undefined, DEMO_ATTRIBUTES);
    onTestFinished(() => strict.stop());
    // A user without permission to read the settings has a console without attributes.
    const plain = await consoleOn(strict, { attributes: undefined });
    onTestFinished(() => plain.stop());
    const { page } = await visitForTest(browser(), plain);
    await page.getByRole('link', { name: 'Create the first key' }).click();
    await nameField(page).fill('Without a tier');
    await page.getByRole('button', { name: 'Create key' }).click();
    await page
      .getByText(/^The key was not created\..*metadata\.tier/)
      .first()
      .waitFor();
    expect(await isVisibleInViewport(page, '[data-error-summary]')).toBe(true);
  });

  it('an error in the form of a new key is shown in view on a phone if it comes from the server', async () => {
    const { page, context } = await open({ viewport: { width: 390, height: 700 } });
    await go(page, '/create');
    await nameField(page).fill('Unlucky');
    await context.route('**/api/keys', (route) => route.abort());
    await page.getByRole('button', { name: 'Create key' }).click();
    await page
      .getByText(/can’t reach its server/)
      .first()
      .waitFor();
    expect(await isVisibleInViewport(page, '[data-error-summary]')).toBe(true);
  });
});

describe('leaving the form of a new key', () => {
  it('leaving the form of a new key asks for confirmation after a change, for links, Back and reloads', async () => {
    const { page } = await open();
    await page.getByRole('link', { name: 'Create key' }).click();
    await nameField(page).fill('Half written');
    await page.getByRole('link', { name: 'Cancel' }).click();
    await page.getByText('Leave without saving?').waitFor();
    await page.getByRole('button', { name: 'Keep editing' }).click();
    expect(await nameField(page).inputValue()).toBe('Half written');
    await page.goBack();
    await page.getByText('Leave without saving?').waitFor();
    expect(page.url()).toBe(`${running().origin}/#/create`);
    await page.getByRole('button', { name: 'Keep editing' }).click();
    expect(await nameField(page).inputValue()).toBe('Half written');
    const warned = page.waitForEvent('dialog').then(async (dialog) => {
      await dialog.dismiss();
      return dialog.type();
    });
    await page.reload({ timeout: 2000 }).catch(() => undefined);
    expect(await warned).toBe('beforeunload');
    await page.getByRole('link', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Leave' }).click();
    await page.getByRole('heading', { name: 'API keys', level: 1 }).waitFor();
  });

  it('leaving the form of a new key asks for no confirmation without a change', async () => {
    const { page } = await open();
    await page.getByRole('link', { name: 'Create key' }).click();
    await nameField(page).waitFor();
    await page.getByRole('link', { name: 'Cancel' }).click();
    await page.getByRole('heading', { name: 'API keys', level: 1 }).waitFor();
  });
});

/** Returns whether the focused element is in the part of the page that the user sees, below the sticky header. */
function isInView(page: Page): Promise<boolean> {
  return isVisibleInViewport(page, ':focus');
}

function isVisibleInViewport(page: Page, selector: string): Promise<boolean> {
  return page.evaluate(`(() => {
    const { top, bottom } = document.querySelector(${JSON.stringify(selector)}).getBoundingClientRect();
    return top >= 56 && bottom <= innerHeight;
  })()`);
}
