import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

/** Where Debian and Ubuntu have it. */
const INSTALLED = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/**
 * Starts a Chromium: the one that `CHROMIUM_PATH` names, the system's, or Playwright's own.
 *
 * @throws {Error} if there is none
 */
export async function startChromium(): Promise<Browser> {
  const candidates = [process.env['CHROMIUM_PATH'], ...INSTALLED, chromium.executablePath()];
  const executablePath = candidates.find((path) => path !== undefined && path !== '' && existsSync(path));
  if (executablePath === undefined)
    throw new Error(
      'There is no Chromium for the browser tests: run "apt-get install chromium" or "npx playwright-core install chromium", or set CHROMIUM_PATH.',
    );
  // Chromium has no sandbox for root, as whom containers run; the pages that it is shown are our own.
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
}
