import { mkdir } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { startLocal } from '../local/server.ts';
import { startChromium } from '../test/system/console/chromium.ts';
import { DEMO_ATTRIBUTES, DEMO_KEYS, storeDemoKey, storeDemoUsage, storesOf } from '../local/demo-data.ts';
import { consoleOn, visit } from '../test/system/console/stage.ts';

/** Takes the screenshots of the console for the documentation: `npm run screenshots`. */

const FOLDER = 'docs/images';
const WIDE = { width: 1280, height: 800 };
const NARROW = { width: 390, height: 780 };

const local = await startLocal({ port: 0, adminPort: 0, table: 'screenshots' });
const browser = await startChromium();
const running = await consoleOn(local, {
  stackName: 'Latchkey',
  region: 'eu-west-1',
  attributes: DEMO_ATTRIBUTES,
});
const stores = storesOf(local);
try {
  await mkdir(FOLDER, { recursive: true });
  const now = Date.now();
  const prefixes = new Map<string, string>();
  for (const demo of DEMO_KEYS) prefixes.set(demo.name, await storeDemoKey(stores, demo, now));
  const checkout = prefixes.get('Checkout service') ?? '';
  for (const used of ['Checkout service', 'Stock sync', 'Invoice export'])
    await storeDemoUsage(stores, prefixes.get(used) ?? '', now);

  const { page } = await visit(browser, running, { viewport: WIDE, colorScheme: 'light' });
  const shoot = async (name: string, of: Page = page) => {
    await of.mouse.move(0, 0);
    // Wait for fonts and animations.
    await of.waitForTimeout(600);
    await of.screenshot({ path: `${FOLDER}/console-${name}.png` });
    console.log(`${FOLDER}/console-${name}.png`);
  };
  const go = async (hash: string, heading: string | RegExp, of: Page = page) => {
    // Only the fragment changes, so the page isn't loaded again.
    await of.goto(`${running.origin}/#${hash}`);
    await of.getByRole('heading', { name: heading, level: 1 }).waitFor();
  };

  await page.getByRole('link', { name: 'Onboarding demo' }).waitFor();
  await shoot('list');

  await go(`/keys/${checkout}`, 'Checkout service');
  await page.getByText('By route').waitFor();
  await page.setViewportSize({ width: 1280, height: 1180 });
  await shoot('key');
  await page.setViewportSize(WIDE);

  await go('/create', 'Create key');
  await page.getByLabel('Name', { exact: true }).fill('Returns portal');
  await page.getByLabel(/^Owner/).fill('acme-retail');
  await page.setViewportSize({ width: 1280, height: 1000 });
  await shoot('create');
  await page.setViewportSize(WIDE);
  await page.getByRole('button', { name: 'Tier' }).click();
  await page.getByRole('option', { name: 'premium' }).click();
  await page.getByRole('button', { name: 'Create key' }).click();
  await page.getByTestId('issued-key').waitFor();
  await shoot('issued');
  await page.getByRole('button', { name: 'I have stored the key' }).click();

  await go(`/keys/${prefixes.get('Stock sync') ?? ''}`, 'Stock sync');
  await page.getByRole('button', { name: 'Rotate' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Rotate' }).click();
  await page.getByRole('button', { name: 'I have stored the key' }).click();
  await page.getByText('Replaces the key').waitFor();
  await go(`/keys/${prefixes.get('Stock sync') ?? ''}`, 'Stock sync');
  await page.getByRole('timer').waitFor();
  await page.getByText('By route').waitFor();
  await shoot('rotated');

  await go(`/keys/${prefixes.get('Invoice export') ?? ''}`, 'Invoice export');
  await page.getByRole('button', { name: 'Revoke' }).click();
  await page.getByLabel(/^Reason/).fill('The contract has expired');
  await shoot('revoke');
  await page.getByRole('button', { name: 'Cancel' }).click();

  const dark = await visit(browser, running, { viewport: WIDE, colorScheme: 'dark' });
  await dark.page.getByRole('link', { name: 'Onboarding demo' }).waitFor();
  await shoot('list-dark', dark.page);
  await go(`/keys/${checkout}`, 'Checkout service', dark.page);
  await dark.page.getByText('By route').waitFor();
  await dark.page.setViewportSize({ width: 1280, height: 1180 });
  await shoot('key-dark', dark.page);

  const narrow = await visit(browser, running, { viewport: NARROW, colorScheme: 'light' });
  await narrow.page.getByRole('link', { name: 'Onboarding demo' }).waitFor();
  await shoot('list-narrow', narrow.page);
  await go(`/keys/${checkout}`, 'Checkout service', narrow.page);
  await narrow.page.getByText('By route').waitFor();
  await shoot('key-narrow', narrow.page);
} finally {
  stores.close();
  await browser.close();
  await running.stop();
  await local.stop();
}
