import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import open from 'open';

/**
 * Opens a link in the user's browser. The arguments of a program are visible to every user of the machine, and the link contains
 * a secret token. So the browser opens a file that only this user can read, and the file redirects to the link. If that fails,
 * the user can open the printed link.
 *
 * @returns a function that removes the file
 */
export async function openLink(link: string): Promise<() => Promise<void>> {
  // mkdtemp creates the folder with mode 0700.
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-console-'));
  const page = join(folder, 'open.html');
  await writeFile(page, redirectTo(link), { flag: 'wx', mode: 0o600 });
  await open(page).catch(() => undefined);
  return () => rm(folder, { recursive: true, force: true });
}

/** @param link a link of the console, which contains no characters that HTML must escape */
function redirectTo(link: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta http-equiv="refresh" content="0; url=${link}" />
    <title>Latchkey</title>
  </head>
  <body>
    <a href="${link}">Open the console</a>
  </body>
</html>
`;
}
