import { expect, inject, it, onTestFinished } from 'vitest';
import { fillTable } from '../../../bench/keys.ts';
import { localForTests, names, ownerFilter, searchField } from './console-fixture.ts';
import { startChromium } from './chromium.ts';
import { consoleOn, visitForTest } from './stage.ts';

// Writing the keys takes a minute, or two on a busy machine.
it('lists 100,000 keys with one request per page, and finds any key among them', async () => {
  const { tableName, size } = await fillTable(inject('dynamodbEndpoint'), 100_000);
  const [local, browser] = await Promise.all([localForTests(tableName), startChromium()]);
  onTestFinished(() => local.stop());
  onTestFinished(() => browser.close());
  const running = await consoleOn(local);
  onTestFinished(() => running.stop());
  const { page, requests } = await visitForTest(browser, running);
  const nth = (number: number) => page.getByRole('link', { name: `Key ${String(number)}`, exact: true });
  await nth(size - 1).waitFor();
  for (let turned = 1; turned <= 20; turned++) {
    await page.getByRole('button', { name: 'Next page' }).click();
    await nth(size - 1 - 50 * turned).waitFor();
  }
  expect(requests.filter((url) => url.includes('/api/keys?'))).toHaveLength(21);
  await searchField(page).fill('key 31415');
  await expect.poll(() => names(page)).toEqual(['Key 31415']);
  await searchField(page).fill('');
  await ownerFilter(page).fill('owner-7');
  await nth(size - 93).waitFor();
  await expect.poll(() => names(page)).toHaveLength(50);
}, 400_000);
