import { describe, expect, it } from 'vitest';
import type { Metadata } from '../../../src/core/keys/record.ts';
import { choose, failReading, nameField, useConsole } from './console-fixture.ts';
import { storeDemoKey, storesOf } from '../../../local/demo-data.ts';

const { local, open, go, invoke, makeKey, stored } = useConsole();

describe('the form of an existing key', () => {
  it('changes its fields and metadata', async () => {
    const { prefix } = await makeKey('Before');
    const { page } = await open();
    await go(page, `/keys/${prefix}`);
    await page.getByRole('link', { name: 'Edit' }).click();
    await nameField(page).fill('After');
    await page.getByLabel(/^Cost centre/).fill('CC-1');
    await page.getByRole('button', { name: 'Add metadata' }).click();
    await page.getByLabel('Metadata name').fill('seats');
    await choose(page, 'Metadata type', 'Number');
    await page.getByLabel('Metadata value').fill('5');
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByRole('heading', { name: 'After', level: 1 }).waitFor();
    await expect
      .poll(() => stored(prefix))
      .toMatchObject({
        name: 'After',
        metadata: { costCentre: 'CC-1', seats: 5 },
        version: 2,
      });
  });

  it('compares the changes of two users, and overwrites the other’s only after a second confirmation', async () => {
    const { prefix } = await makeKey('Shared');
    const { page } = await open();
    await go(page, `/keys/${prefix}/edit`);
    await nameField(page).fill('Mine');
    await invoke('update-key', { prefix, name: 'Theirs', scopes: ['GET /orders/*'] });
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByText('Someone else changed this key').first().waitFor();
    await expect.poll(() => stored(prefix)).toMatchObject({ name: 'Theirs', version: 2 });
    await expect
      .poll(() => page.evaluate("document.activeElement.getAttribute('aria-label')"))
      .toBe('Conflicting changes');
    const rows = await page.getByRole('table', { name: 'Conflicting changes' }).locator('tbody tr').allInnerTexts();
    expect(rows.map((row) => row.split(/\s*\t\s*/))).toEqual([
      ['Name', 'Shared', 'Theirs', 'Mine'],
      ['Scopes', '–', 'GET /orders/*', 'Not changed'],
    ]);
    expect(await nameField(page).inputValue()).toBe('Mine');
    await page.getByRole('button', { name: 'Save over current values' }).click();
    await page.getByRole('heading', { name: 'Mine', level: 1 }).waitFor();
    // The field that only the other user changed stays.
    await expect.poll(() => stored(prefix)).toMatchObject({ name: 'Mine', scopes: ['GET /orders/*'], version: 3 });
  });

  it('discards the user’s changes after a conflict on request', async () => {
    const { prefix } = await makeKey('Contested');
    const { page } = await open();
    await go(page, `/keys/${prefix}/edit`);
    await nameField(page).fill('Mine');
    await invoke('update-key', { prefix, name: 'Kept' });
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByRole('button', { name: 'Discard my changes' }).click();
    await page.getByRole('heading', { name: 'Kept', level: 1 }).waitFor();
    await expect.poll(() => stored(prefix)).toMatchObject({ name: 'Kept', version: 2 });
  });

  it('rejects metadata names that repeat or that are attributes, and sends nothing', async () => {
    const { prefix } = await makeKey('Metadata');
    const { page } = await open();
    await go(page, `/keys/${prefix}/edit`);
    const add = async (name: string) => {
      await page.getByRole('button', { name: 'Add metadata' }).click();
      await page.getByLabel('Metadata name').last().fill(name);
    };
    await add('seats');
    await choose(page, 'Metadata type', 'Number');
    await add('team');
    await add('team');
    await add('costCentre');
    await page.getByRole('button', { name: 'Save changes' }).click();
    for (const message of ['Enter a number.', /^Another entry has this name/, /^Use the field "Cost centre"/])
      await page.getByText(message).first().waitFor();
    await expect.poll(() => stored(prefix)).toMatchObject({ metadata: {}, version: 1 });

    await page.getByRole('button', { name: 'Remove costCentre' }).click();
    await page.getByLabel('Metadata name').last().fill('group');
    await page.getByLabel('Metadata value').first().fill('0');
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByRole('heading', { name: 'Metadata', level: 1 }).waitFor();
    await page.getByRole('heading', { name: 'Details' }).waitFor();
    await expect.poll(() => stored(prefix)).toMatchObject({ metadata: { seats: 0, team: '', group: '' } });
  });

  it('shows arrays and objects that were written by hand, and keeps them', async () => {
    const stores = storesOf(local());
    const metadata = { tags: ['a', 'b'], costCentre: { of: 1 } } as unknown as Metadata;
    const prefix = await storeDemoKey(stores, { name: 'By hand', age: 1, metadata }, Date.now());
    stores.close();
    const { page } = await open();
    await go(page, `/keys/${prefix}`);
    for (const text of ['["a","b"]', '{"of":1}']) await page.getByText(text).waitFor();
    await page.getByRole('link', { name: 'Edit' }).click();
    for (const label of ['Metadata value', /^Cost centre/]) {
      const field = page.getByLabel(label);
      expect(await field.inputValue()).toMatch(/^\["a","b"\]$|^\{"of":1\}$/);
      expect(await field.isEditable()).toBe(false);
    }
    await nameField(page).fill('Still by hand');
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByRole('heading', { name: 'Still by hand', level: 1 }).waitFor();
    await expect.poll(() => stored(prefix)).toMatchObject({ metadata });
  });

  it('renames a key whose plan was removed and whose restriction is not enforced', async () => {
    const stores = storesOf(local());
    const origins = ['https://app.example.com'];
    const old = { name: 'Left over', age: 1, plan: 'gone', restrictions: { origins } };
    const prefix = await storeDemoKey(stores, old, Date.now());
    stores.close();
    const { page } = await open();
    await go(page, `/keys/${prefix}/edit`);
    await nameField(page).fill('Renamed');
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByRole('heading', { name: 'Renamed', level: 1 }).waitFor();
    await expect
      .poll(() => stored(prefix))
      .toMatchObject({
        name: 'Renamed',
        plan: 'gone',
        restrictions: { origins },
        version: 2,
      });
    // Saving without a change changes nothing.
    await page.getByRole('link', { name: 'Edit' }).click();
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByRole('heading', { name: 'Renamed', level: 1 }).waitFor();
    await expect.poll(() => stored(prefix)).toMatchObject({ version: 2 });
  });

  it('keeps what the user typed if the key can’t be read again', async () => {
    const { prefix } = await makeKey('Draft');
    const { page, context } = await open();
    await go(page, `/keys/${prefix}/edit`);
    await nameField(page).fill('Half written');
    await failReading(context);
    // The cached key is stale, and the user returns to the window.
    await page.clock.setSystemTime(Date.now() + 60_000);
    await page.evaluate("window.dispatchEvent(new Event('visibilitychange'))");
    await page.getByText('Couldn’t reload the key').first().waitFor();
    expect(await nameField(page).inputValue()).toBe('Half written');
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByRole('heading', { name: 'Half written', level: 1 }).waitFor();
  });
});
