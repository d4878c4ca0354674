import { DeleteTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CREDENTIALS, REGION } from '../../../local/account.ts';
import { localForTests, useConsole } from './console-fixture.ts';
import { consoleOn, visitForTest } from './stage.ts';

const { local, browser, running, open, prefixOf, go } = useConsole();

describe('a user without a session', () => {
  it('a user without a session sees how to get a new link', async () => {
    const { page, context } = await open();
    await page.getByRole('link', { name: 'Checkout service' }).waitFor();
    await context.clearCookies();
    await page.getByRole('button', { name: 'Refresh' }).click();
    await page.getByText('You are not signed in').first().waitFor();
    await page
      .getByText(/Press Enter in the terminal/)
      .first()
      .waitFor();
    await page.reload();
    await page.getByText('You are not signed in').waitFor();
  });
});

describe('a link', () => {
  it('the link of a session is removed from the address bar immediately, and works once', async () => {
    const link = running().newLink();
    const first = await visitForTest(browser(), { ...running(), newLink: () => link });
    await first.page.getByRole('link', { name: 'Checkout service' }).waitFor();
    expect(first.page.url()).not.toContain('token');
    expect(first.requests.join('\n').replace(link, '')).not.toContain('token');
    // The session survives a reload.
    await first.page.reload();
    await first.page.getByRole('link', { name: 'Checkout service' }).waitFor();
    const second = await visitForTest(browser(), { ...running(), newLink: () => link });
    await second.page.getByRole('heading', { name: 'You are not signed in' }).waitFor();
  });
});

describe('an outage', () => {
  it('the outage message is shown once with a retry button if the console’s server is unavailable', async () => {
    const gone = await consoleOn(local());
    const { page } = await visitForTest(browser(), gone);
    await page.getByRole('link', { name: 'Checkout service' }).waitFor();
    await gone.stop();
    await page.getByRole('button', { name: 'Refresh' }).click();
    await page.getByText('Couldn’t load keys').first().waitFor();
    await page.getByText(/Check that "latchkey console" is still running/).waitFor();
    expect(await page.getByText('Couldn’t load keys').count()).toBe(1);
    await page.getByRole('button', { name: 'Try again' }).waitFor();
  });

  it('the outage message does not mention CloudWatch if a function of the local stack fails', async () => {
    const broken = await localForTests();
    onTestFinished(() => broken.stop());
    const console = await consoleOn(broken);
    onTestFinished(() => console.stop());
    const client = new DynamoDBClient({ endpoint: broken.dynamodbEndpoint, region: REGION, credentials: CREDENTIALS });
    await client.send(new DeleteTableCommand({ TableName: broken.table }));
    client.destroy();
    const { page } = await visitForTest(browser(), console);
    await page.getByText('Couldn’t load keys').first().waitFor();
    await page
      .getByText(/npm start -- --logs/)
      .first()
      .waitFor();
    expect(await page.getByText(/CloudWatch/).count()).toBe(0);
  });

  it('the outage message is called "Access denied" if a permission is missing', async () => {
    const { page, context } = await open();
    await page.getByRole('link', { name: 'Checkout service' }).waitFor();
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
});

describe('a read-only deployment', () => {
  it('a read-only deployment offers no changes', async () => {
    const replica = await consoleOn(local(), { readOnly: true });
    onTestFinished(() => replica.stop());
    const { page } = await visitForTest(browser(), replica);
    await page.getByText('Read-only').waitFor();
    const changes = ['Create key', 'Edit', 'Duplicate', 'Rotate', 'Revoke', 'Suspend'];
    const offered = async () => {
      const counts = changes.map((name) =>
        page
          .getByRole('button', { name, exact: true })
          .or(page.getByRole('link', { name, exact: true }))
          .count(),
      );
      return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
    };
    expect(await offered()).toBe(0);
    expect(await page.getByRole('checkbox').count()).toBe(0);
    await page.goto(`${replica.origin}/#/keys/${prefixOf('Checkout service')}`);
    await page.getByRole('heading', { name: 'Details' }).waitFor();
    expect(await offered()).toBe(0);
    await page.goto(`${replica.origin}/#/owners?id=acme-retail`);
    await page.getByText('Not suspended').waitFor();
    expect(await offered()).toBe(0);
  });
});

describe('the appearance', () => {
  it('the console is dark if the system is or if the user chooses so, and is remembered', async () => {
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

  it('the console fits a narrow screen on every page', async () => {
    const { page } = await open({ viewport: { width: 360, height: 740 } });
    await page.getByRole('link', { name: 'Checkout service' }).waitFor();
    const key = `/keys/${prefixOf('Checkout service')}`;
    const pages = [
      '/',
      '/overview',
      '/owners',
      '/owners?id=acme-retail',
      '/verify',
      '/settings',
      '/create',
      key,
      `${key}/edit`,
    ];
    for (const hash of pages) {
      await go(page, hash);
      await page.getByRole('heading', { level: 1 }).waitFor();
      expect(await page.evaluate('document.scrollingElement.scrollWidth'), hash).toBeLessThanOrEqual(360);
    }
  });
});
