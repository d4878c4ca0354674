import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { choose, failReading, nameField, rotate, useConsole } from './console-fixture.ts';

const { open, go, makeKey, statusOf } = useConsole();

/** Creates a key in the browser, and leaves the dialog open. */
async function create(page: Page, name: string): Promise<string> {
  await go(page, '/create');
  await nameField(page).fill(name);
  await choose(page, 'Tier', 'premium');
  await page.getByRole('button', { name: 'Create key' }).click();
  return page.getByTestId('issued-key').innerText();
}

describe('the dialog with a new key', () => {
  it('the dialog with a new key closes with Escape only after a confirmation', async () => {
    const { page } = await open();
    const key = await create(page, 'Nearly lost');
    await page.keyboard.press('Escape');
    await page.getByText('Close without storing the key?').waitFor();
    await page.getByRole('button', { name: 'Back to the key' }).click();
    expect(await page.getByTestId('issued-key').innerText()).toBe(key);
    await page.getByRole('dialog').getByRole('button', { name: /close/i }).first().click();
    await page.getByText('Close without storing the key?').waitFor();
    await page.getByRole('button', { name: 'Close anyway' }).click();
    await page.getByRole('heading', { name: 'Nearly lost', level: 1 }).waitFor();
    expect(await page.getByTestId('issued-key').count()).toBe(0);
  });

  it('the dialog with a new key warns before a reload', async () => {
    const { page } = await open();
    const key = await create(page, 'Reloaded');
    const warned = page.waitForEvent('dialog').then(async (dialog) => {
      await dialog.dismiss();
      return dialog.type();
    });
    await page.reload({ timeout: 2000 }).catch(() => undefined);
    expect(await warned).toBe('beforeunload');
    expect(await page.getByTestId('issued-key').innerText()).toBe(key);
    await page.getByRole('button', { name: 'I have stored the key' }).click();
    await page.getByRole('heading', { name: 'Reloaded', level: 1 }).waitFor();
    // Now nothing is lost, so the browser doesn't ask.
    await page.reload();
    await page.getByRole('heading', { name: 'Reloaded', level: 1 }).waitFor();
  });

  it('the dialog with a new key offers the key as an .env file, as JSON and in a curl command', async () => {
    const { page } = await open();
    const key = await create(page, 'Downloaded');
    const saved = async (button: string) => {
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: button }).click(),
      ]);
      return { name: file.suggestedFilename(), text: await readFile(await file.path(), 'utf8') };
    };
    const [, prefix = ''] = key.split('_');
    const environment = await saved('Download .env');
    expect(environment).toEqual({ name: `${prefix}.env`, text: `# Downloaded (${prefix})\nAPI_KEY=${key}\n` });
    const json = await saved('Download JSON');
    expect(json.name).toBe(`${prefix}.json`);
    expect(JSON.parse(json.text)).toMatchObject({ key, prefix, name: 'Downloaded', ownerId: null });
    expect(await page.getByTestId('curl').innerText()).toBe(`curl -H 'x-api-key: ${key}' 'https://YOUR-API-URL/'`);
  });

  it('the dialog with a new key stays open after a rotation until the key is stored, even if the page behind it fails or changes', async () => {
    const old = await makeKey('Rotated, then unreadable');
    const { page, context } = await open();
    await go(page, '/');
    await go(page, `/keys/${old.prefix}`);
    await page.getByRole('heading', { name: 'Rotated, then unreadable', level: 1 }).waitFor();
    await failReading(context);
    await rotate(page, '24 hours');
    await page.getByText('Couldn’t reload the key').first().waitFor();
    const shown = page.getByTestId('issued-key');
    const key = await shown.innerText();
    await page.goBack();
    await page.getByRole('heading', { name: 'API keys', level: 1, includeHidden: true }).waitFor();
    expect(await shown.innerText()).toBe(key);
    expect(await statusOf(key)).toBe(200);
    await page.getByRole('button', { name: 'I have stored the key' }).click();
    expect(await shown.count()).toBe(0);
  });

  it('the dialog with a new key shows the key of a rotation whose dialog was closed before the response came', async () => {
    const old = await makeKey('Rotated slowly');
    const { page, context } = await open();
    await go(page, `/keys/${old.prefix}`);
    await context.route('**/rotate', async (route) => {
      await page.getByRole('button', { name: 'Cancel' }).click();
      await route.continue();
    });
    await page.getByRole('button', { name: 'Rotate' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Rotate key' }).click();
    expect(await statusOf(await page.getByTestId('issued-key').innerText())).toBe(200);
  });
});
