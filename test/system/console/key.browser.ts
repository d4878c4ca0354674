import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { documentClient } from '../../../src/storage/client.ts';
import { localConnection } from '../../support/storage/test-table.ts';
import { names, rotate, storedByBrowser, useConsole, withFlushes } from './console-fixture.ts';

const { open, go, invoke, local, prefixOf, makeKey, stored, statusOf } = useConsole();

describe('the page of a key', () => {
  it('the page of a key shows the usage by day and route', async () => {
    const { page, complaints } = await open();
    await go(page, `/keys/${prefixOf('Checkout service')}`);
    await page.getByRole('heading', { name: 'By route' }).waitFor();
    await expect
      .poll(() => names(page, 'Usage by route'))
      .toEqual(['GET /orders/{id}', 'GET /orders', 'POST /orders', 'GET /customers/{id}']);
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

  it('the page of a key says that requests are rejected while the owner is suspended, also during a rotation', async () => {
    const old = await makeKey('Suspended in rotation', { ownerId: 'on-hold' });
    await invoke('rotate-key', { prefix: old.prefix, overlap: '24h' });
    await invoke('suspend-owner', { ownerId: 'on-hold' });
    const { page } = await open();
    await go(page, `/keys/${old.prefix}`);
    await page.getByText('The owner of this key is suspended').waitFor();
    await page.getByText('This key was replaced', { exact: true }).waitFor();
    expect(await page.getByRole('timer').count()).toBe(0);
    expect(await page.getByText('Active', { exact: true }).count()).toBe(0);
    expect(await statusOf(old.key)).toBe(403);
    await page.getByRole('link', { name: 'on-hold' }).first().click();
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('button', { name: 'Suspend' }).waitFor();
    await go(page, `/keys/${old.prefix}`);
    await page.getByRole('timer').waitFor();
  });

  it('the page of a key says that a key doesn’t exist', async () => {
    const { page } = await open();
    await go(page, '/keys/000000000000');
    await page.getByRole('heading', { name: 'Key not found' }).waitFor();
    await go(page, '/nowhere');
    await page.getByRole('heading', { name: 'Page not found' }).waitFor();
  });
});

describe('a key that a secret manages', () => {
  it('is not rotated by the console, which gives the commands for its secret', async () => {
    const { key, prefix } = await makeKey('In a secret');
    // Only the rotation of a secret sets it.
    await documentClient(localConnection()).send(
      new UpdateCommand({
        TableName: local().table,
        Key: { prefix },
        UpdateExpression: 'SET secretName = :name',
        ExpressionAttributeValues: { ':name': 'checkout/latchkey' },
      }),
    );
    const { page, complaints } = await open();
    await go(page, `/keys/${prefix}`);
    await page.getByText('This key is in the secret checkout/latchkey of AWS Secrets Manager').waitFor();
    await page.getByRole('button', { name: 'Rotate', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Rotate "In a secret" in its secret' });
    const command = `latchkey rotate ${prefix} --to-secret checkout/latchkey`;
    await dialog.getByText(command, { exact: true }).waitFor();
    await dialog.getByText(`${command} --overlap 0s`, { exact: true }).waitFor();
    expect(await dialog.getByRole('button', { name: 'Rotate key' }).count()).toBe(0);
    await dialog.getByRole('button', { name: 'Close', exact: true }).click();
    await expect(invoke('rotate-key', { prefix })).resolves.toMatchObject({ error: { code: 'managed' } });
    expect(await statusOf(key)).toBe(200);
    expect(complaints).toEqual([]);
  });
});

describe('a rotation', () => {
  it('keeps both keys working during an overlap, and counts down', async () => {
    const old = await makeKey('Rotated');
    const visit = await open();
    const { page } = visit;
    await go(page, `/keys/${old.prefix}`);
    await rotate(page, '1 hour');
    const key = await page.getByTestId('issued-key').innerText();
    expect([await statusOf(old.key), await statusOf(key)]).toEqual([200, 200]);
    await page.getByRole('button', { name: 'I have stored the key' }).click();
    expect(await storedByBrowser(visit)).not.toContain(key.split('_')[2]);
    await page.getByRole('link', { name: old.prefix }).click();
    const left = page.getByRole('timer');
    const first = await left.innerText();
    expect(first).toMatch(/^59 min \d+ s$|^1 h 0 min 0 s$/);
    await expect.poll(() => left.innerText()).not.toBe(first);
    expect(await page.getByRole('button', { name: 'Rotate' }).isDisabled()).toBe(true);
  });

  it('shows the caches that can still allow the old key after no overlap, and flushes them again', async () => {
    const { prefix } = await makeKey('Replaced');
    const { page, context } = await open();
    await go(page, `/keys/${prefix}`);
    await withFlushes(context, '**/api/keys/*/rotate', [{ flushed: [], pending: [], failed: ['rest/b2/prod'] }]);
    await withFlushes(context, '**/api/keys/*/revoke', [{ flushed: ['rest/b2/prod'], pending: [], failed: [] }]);
    await rotate(page, 'None: it stops working now');
    await page.getByText(`Cached results can still allow the old key ${prefix}`).waitFor();
    await page.getByRole('button', { name: 'Flush again' }).click();
    await page.getByText(/Cache flushed: rest\/b2\/prod\./).waitFor();
    expect(await page.getByTestId('issued-key').innerText()).toMatch(/^lk_/);
    await expect.poll(() => stored(prefix)).toMatchObject({ status: 'revoked' });
  });
});

describe('a revocation', () => {
  it('requires the prefix of the key, and its buttons look destructive', async () => {
    const { key, prefix } = await makeKey('Doomed');
    const { page } = await open();
    await go(page, `/keys/${prefix}`);
    const color = (name: string) =>
      page.evaluate(`getComputedStyle([...document.querySelectorAll('button')].find(
        (button) => button.textContent === ${JSON.stringify(name)})).color`);
    await page.getByRole('button', { name: 'Rotate' }).waitFor();
    expect(await color('Revoke')).not.toBe(await color('Rotate'));
    await page.getByRole('button', { name: 'Revoke' }).click();
    const dialog = page.getByRole('dialog');
    const confirm = dialog.getByRole('button', { name: 'Revoke key' });
    await dialog.getByLabel(/^Reason/).fill('Found in a gist');
    await dialog.getByLabel(/^To confirm/).fill('Doomed');
    expect(await confirm.isDisabled()).toBe(true);
    await page.keyboard.press('Enter');
    expect(await statusOf(key)).toBe(200);
    await dialog.getByLabel(/^To confirm/).fill(prefix);
    await confirm.click();
    await page.getByText('This key is revoked').waitFor();
    await page.getByText('Found in a gist').waitFor();
    expect(await statusOf(key)).toBe(403);
    expect(await page.getByRole('button', { name: 'Revoke' }).isDisabled()).toBe(true);
    await page.getByText(/cached results can allow the key .* for up to the cache TTL/).waitFor();
  });

  it('shows the caches that can still allow the key, and flushes them again', async () => {
    const { prefix } = await makeKey('Cached');
    const { page, context } = await open();
    await go(page, `/keys/${prefix}`);
    const calls = await withFlushes(context, '**/api/keys/*/revoke', [
      { flushed: ['http/a1/$default'], pending: ['http/c3/$default'], failed: ['rest/b2/prod'] },
      { flushed: ['http/a1/$default', 'http/c3/$default', 'rest/b2/prod'], pending: [], failed: [] },
    ]);
    await page.getByRole('button', { name: 'Revoke' }).click();
    await page
      .getByRole('dialog')
      .getByLabel(/^To confirm/)
      .fill(prefix);
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke key' }).click();
    await page.getByText(/^Cache flushed: http\/a1\/\$default\./).waitFor();
    await page.getByText(`Cached results can still allow the key ${prefix}`).waitFor();
    await page.getByText('Cache flush pending: http/c3/$default.').waitFor();
    await page.getByText('Cache flush failed: rest/b2/prod.').waitFor();
    await page.getByRole('button', { name: 'Flush again' }).click();
    await page.getByText(/^Cache flushed: http\/a1\/\$default, http\/c3\/\$default, rest\/b2\/prod\./).waitFor();
    expect(await page.getByText('Cached results can still allow').count()).toBe(0);
    expect(calls.count).toBe(2);
  });
});
