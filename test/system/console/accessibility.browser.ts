import type { Page } from 'playwright-core';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { AxeReport } from './axe-report.ts';
import { localForTests, nameField, useConsole, withFlushes } from './console-fixture.ts';
import { consoleOn, visitForTest } from './stage.ts';

const { browser, open, go, invoke, makeKey, prefixOf } = useConsole();
const axe = new AxeReport();
afterAll(() => axe.write());

// On a busy machine, axe takes several seconds for each page.
describe.each(['light', 'dark'] as const)('in %s appearance', { timeout: 300_000 }, (colorScheme) => {
  describe.each([
    ['wide', 1280, 900],
    ['narrow', 390, 780],
  ] as const)('on a %s screen', (size, width, height) => {
    const mode = `${colorScheme}, ${size}` as const;
    const look = { colorScheme, viewport: { width, height }, reducedMotion: 'reduce' } as const;
    const clean = async (page: Page, what: string) => {
      expect(await axe.violationsOf(page, what, mode), `${what}, ${mode}`).toEqual([]);
    };
    const visitHash = async (page: Page, hash: string, heading: string) => {
      await go(page, hash);
      await page.getByRole('heading', { name: heading, level: 1 }).waitFor();
    };

    it('axe finds no violation in the list and its dialogs', async () => {
      const { page } = await open(look);
      await page.getByRole('link', { name: 'Checkout service' }).waitFor();
      await clean(page, 'list');
      await page.getByRole('checkbox', { name: 'Select Checkout service' }).check();
      await page.getByRole('button', { name: 'Revoke', exact: true }).click();
      await page
        .getByRole('dialog')
        .getByLabel(/^To confirm/)
        .fill('1');
      await clean(page, 'revoke several keys');
      await page.getByRole('button', { name: 'Cancel' }).click();
      await go(page, '/?contains=no-such-text');
      await page.getByText('No matching keys').waitFor();
      await clean(page, 'list without matches');
    });

    it('axe finds no violation in the other sections', async () => {
      await invoke('suspend-owner', { ownerId: 'umbrella-logistics' });
      const { page } = await open(look);
      await visitHash(page, '/overview', 'Overview');
      await page.getByRole('heading', { name: 'Keys by status' }).waitFor();
      await clean(page, 'overview');
      await visitHash(page, '/owners', 'Owners');
      await page.getByRole('link', { name: 'acme-retail' }).waitFor();
      await clean(page, 'owners');
      await visitHash(page, '/owners?id=umbrella-logistics', 'umbrella-logistics');
      await page.getByText('This owner is suspended').waitFor();
      await clean(page, 'suspended owner');
      await visitHash(page, '/owners?id=acme-retail', 'acme-retail');
      await page.getByRole('button', { name: 'Suspend' }).click();
      await page.getByRole('dialog').waitFor();
      await clean(page, 'suspend');
      await page.getByRole('button', { name: 'Cancel' }).click();
      await visitHash(page, '/verify', 'Verify a key');
      await page.getByLabel('Key', { exact: true }).fill('not-a-key');
      await page.getByRole('button', { name: 'Verify', exact: true }).click();
      await page.getByText('The key would be rejected').waitFor();
      await clean(page, 'verify, rejected');
      await visitHash(page, '/settings', 'Settings');
      await clean(page, 'settings');
      await visitHash(page, '/nowhere', 'Page not found');
      await clean(page, 'not found');
    });

    it('axe finds no violation in the page of a key and its dialogs', async () => {
      const { page, context } = await open(look);
      await go(page, `/keys/${prefixOf('Checkout service')}`);
      await page.getByRole('heading', { name: 'By route' }).waitFor();
      await clean(page, 'key');
      await page.getByRole('button', { name: 'Rotate' }).click();
      await page.getByRole('dialog').waitFor();
      await clean(page, 'rotate');
      await page.getByRole('button', { name: 'Cancel' }).click();
      for (const [name, what] of [
        ['Leaked in a gist', 'revoked key'],
        ['Partner sandbox', 'expired key'],
      ] as const) {
        await visitHash(page, `/keys/${prefixOf(name)}`, name);
        await clean(page, what);
      }
      const { prefix } = await makeKey('Cached, for axe');
      await withFlushes(context, '**/api/keys/*/revoke', [
        { flushed: ['http/a1/$default'], pending: [], failed: ['rest/b2/prod'] },
      ]);
      await go(page, `/keys/${prefix}`);
      await page.getByRole('button', { name: 'Revoke' }).click();
      await page.getByLabel(/^To confirm/).fill(prefix);
      await clean(page, 'revoke');
      await page.getByRole('dialog').getByRole('button', { name: 'Revoke key' }).click();
      await page.getByRole('button', { name: 'Flush again' }).waitFor();
      await clean(page, 'revoked key whose cache was not flushed');
    });

    it('axe finds no violation in the forms', async () => {
      const { page } = await open(look);
      const { prefix } = await makeKey('In conflict');
      await go(page, `/keys/${prefix}/edit`);
      await nameField(page).fill('Mine');
      await clean(page, 'edit');
      await page.getByRole('link', { name: 'Cancel' }).click();
      await page.getByText('Leave without saving?').waitFor();
      await clean(page, 'leave');
      await page.getByRole('button', { name: 'Keep editing' }).click();
      await invoke('update-key', { prefix, name: 'Theirs' });
      await page.getByRole('button', { name: 'Save changes' }).click();
      await page.getByText('Someone else changed this key').first().waitFor();
      await clean(page, 'edit conflict');
      await page.getByRole('button', { name: 'Discard my changes' }).click();

      await visitHash(page, '/create', 'Create key');
      await page.getByRole('button', { name: 'Add scope' }).click();
      await page.getByRole('button', { name: 'Add metadata' }).click();
      await page.getByLabel('Rate').fill('fast');
      await nameField(page).fill('For axe');
      await page.getByRole('button', { name: 'Create key' }).click();
      await expect.poll(() => page.locator('[aria-invalid="true"]').count()).toBeGreaterThan(0);
      await nameField(page).fill('');
      await clean(page, 'create, with errors');
      await nameField(page).fill('For axe');
      await page.getByLabel('Rate').fill('');
      await page.getByRole('button', { name: 'Remove' }).last().click();
      await page.getByRole('button', { name: 'Create key' }).click();
      await page.getByTestId('issued-key').waitFor();
      await clean(page, 'new key');
      await page.keyboard.press('Escape');
      await page.getByText('Close without storing the key?').waitFor();
      await clean(page, 'close without storing');
    });
  });
});

it('axe finds no violation where there are no keys or no session', async () => {
  const bare = await localForTests();
  onTestFinished(() => bare.stop());
  const empty = await consoleOn(bare);
  onTestFinished(() => empty.stop());
  const { page, context } = await visitForTest(browser(), empty);
  await page.getByRole('heading', { name: 'No keys yet' }).waitFor();
  expect(await axe.violationsOf(page, 'list without keys', 'light, wide')).toEqual([]);
  await context.clearCookies();
  await page.reload();
  await page.getByText('You are not signed in').waitFor();
  expect(await axe.violationsOf(page, 'not signed in', 'light, wide')).toEqual([]);
});
