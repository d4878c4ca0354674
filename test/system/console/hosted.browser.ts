import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, it, onTestFinished } from 'vitest';
import { randomUUID } from 'node:crypto';
import { startLocal, type Local } from '../../../local/server.ts';
import { startChromium } from './chromium.ts';
import { hostedConsole, type Hosted } from './hosted.ts';
import { visitForTest } from './stage.ts';

let local: Local;
let browser: Browser;
let hosted: Hosted;
const log: string[] = [];
beforeAll(async () => {
  local = await startLocal({
    flushSettleMs: 300,
    port: 0,
    adminPort: 0,
    dynamodbEndpoint: inject('dynamodbEndpoint'),
    table: `hosted-${randomUUID()}`,
    log: (_, line) => log.push(line),
  });
  [browser, hosted] = await Promise.all([startChromium(), hostedConsole(local)]);
});
afterAll(async () => {
  await browser.close();
  await hosted.stop();
  await local.stop();
});

it('signs users in with an authorization code and PKCE, and keeps tokens only in memory', async () => {
  const { page, context, complaints, requests } = await visitForTest(browser, {
    origin: hosted.origin,
    newLink: () => hosted.origin,
    stop: () => Promise.resolve(),
  });
  await page.getByRole('heading', { name: 'No keys yet' }).waitFor();
  const authorize = requests.find((url) => url.includes('/authorize?')) ?? '';
  expect(Object.fromEntries(new URL(authorize).searchParams)).toMatchObject({
    response_type: 'code',
    code_challenge_method: 'S256',
    client_id: 'console',
  });
  // The code and the state are removed from the address.
  expect(page.url()).toBe(`${hosted.origin}/`);

  await page.getByRole('link', { name: 'Create the first key' }).click();
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('By Ada');
  await page.getByRole('button', { name: 'Create key' }).click();
  await page.getByRole('button', { name: 'I have stored the key' }).click();
  await page.getByRole('heading', { name: 'By Ada', level: 1 }).waitFor();
  // The audit log has the user.
  expect(log.join()).toMatch(/"operation":"create","caller":"http:[^"]+#johndoe"/);

  const [token = ''] = hosted.tokens;
  expect(token).toMatch(/^ey/);
  const kept = await page.evaluate('JSON.stringify([{ ...localStorage }, { ...sessionStorage }, location.href])');
  const storage = `${String(kept)} ${JSON.stringify(await context.storageState({ indexedDB: true }))}`;
  for (const [part] of [...hosted.tokens].map((one) => one.split('.').slice(2))) expect(storage).not.toContain(part);
  expect(requests.join()).not.toContain(token);

  // After a reload, the provider signs the user in again, and the same page is shown.
  await page.reload();
  await page.getByRole('heading', { name: 'By Ada', level: 1 }).waitFor();
  expect(page.url()).toMatch(/#\/keys\/\w{12}$/);

  await page.getByRole('button', { name: 'ada@example.com' }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'You are signed out' }).waitFor();
  await page.getByRole('link', { name: 'Sign in' }).click();
  await page.getByRole('link', { name: 'By Ada' }).waitFor();
  expect(complaints).toEqual([]);
});

it('doesn’t mention the CLI if its settings can’t be read', async () => {
  const context = await browser.newContext();
  onTestFinished(() => context.close());
  // Serves the pages under a domain like CloudFront's, without the API.
  await context.route('https://console.example/**', async (route) => {
    const { pathname } = new URL(route.request().url());
    if (pathname.startsWith('/api/')) await route.abort();
    else await route.fulfill({ response: await route.fetch({ url: `${hosted.origin}${pathname}` }) });
  });
  const page = await context.newPage();
  await page.goto('https://console.example/');
  await page.getByRole('heading', { name: 'No connection' }).waitFor();
  await page.getByText(/Check your network connection/).waitFor();
  expect(await page.getByText(/latchkey console/).count()).toBe(0);
});

it('rejects API requests without a token or with an unsigned one', async () => {
  const forged = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from('{}').toString('base64url')}.e30`;
  for (const headers of [{}, { authorization: `Bearer ${forged}` }])
    expect((await fetch(`${hosted.origin}/api/keys`, { headers })).status).toBe(401);
});
