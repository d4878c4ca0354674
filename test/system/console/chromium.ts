import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

/** The paths of Debian and Ubuntu. */
const INSTALLED = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/**
 * Starts the Chromium that `CHROMIUM_PATH` names, or else that of the system or of Playwright.
 *
 * @throws {Error} if no Chromium is installed
 */
export async function startChromium(): Promise<Browser> {
  const candidates = [process.env['CHROMIUM_PATH'], ...INSTALLED, chromium.executablePath()];
  const executablePath = candidates.find((path) => path !== undefined && path !== '' && existsSync(path));
  if (executablePath === undefined)
    throw new Error(
      'The browser tests need Chromium. Run "apt-get install chromium" or "npx playwright-core install chromium", or set CHROMIUM_PATH.',
    );
  // Chromium's sandbox doesn't work for root, the user of most containers. It loads only pages of this project.
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
}
