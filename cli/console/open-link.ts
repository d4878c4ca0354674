import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import open from 'open';

/**
 * Opens a link in the operator's browser. What a program is started with every user of a machine can see, and a link's token
 * is a secret: so the browser is started with a file that its owner alone can read, and finds the link there.
 *
 * @returns takes the file away. Whoever has no browser, or one that may not read the file, has the printed link.
 */
export async function openLink(link: string): Promise<() => Promise<void>> {
  // Of mode 0700.
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-console-'));
  const page = join(folder, 'open.html');
  await writeFile(page, redirectTo(link), { flag: 'wx', mode: 0o600 });
  await open(page).catch(() => undefined);
  return () => rm(folder, { recursive: true, force: true });
}

/** @param link of the console's own making: letters, digits and what a URL is made of */
function redirectTo(link: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta http-equiv="refresh" content="0; url=${link}" />
    <title>Latchkey</title>
  </head>
  <body>
    <a href="${link}">To the console</a>
  </body>
</html>
`;
}
