import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, posix, relative, resolve } from 'node:path';

const REPOSITORY = 'https://github.com/latchkey/latchkey';
const DOCS = resolve(import.meta.dirname, '..');
const ROOT = dirname(DOCS);

/** The anchor of a heading, as GitHub makes it, so that a link works in both places. */
export function anchorOf(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}_\- ]/gu, '')
    .replaceAll(' ', '-');
}

/**
 * Adapts a link of a page to the site. Links to files outside `docs/` and to folders become links to GitHub, and `README.md`
 * becomes the index of its folder.
 *
 * @param href - The link as it is in the page.
 * @param page - The absolute path of the page.
 */
export function siteLink(href: string, page: string): string {
  if (/^[a-z]+:|^[/#]/i.test(href)) return href;
  const [path = '', anchor] = href.split('#', 2);
  const target = resolve(dirname(page), path);
  const hash = anchor === undefined ? '' : `#${anchor}`;
  const folder = existsSync(target) && statSync(target).isDirectory();
  if (relative(DOCS, target).startsWith('..') || folder || target.endsWith('.json'))
    return `${REPOSITORY}/${folder ? 'tree' : 'blob'}/main/${relative(ROOT, target)}${hash}`;
  return path.replace(/(^|\/)README\.md$/, '$1index.md') + hash;
}

/**
 * Checks every link between pages of the built site, anchors included.
 *
 * @param site - The folder of the built site.
 * @param base - The path under which the site is served.
 * @returns A line for each broken link.
 */
export function brokenLinks(site: string, base: string): string[] {
  const pages = globSync('**/*.html', { cwd: site }).map((file) => ({
    file,
    html: readFileSync(join(site, file), 'utf8'),
  }));
  const anchors = new Map(
    pages.map(({ file, html }) => [file, new Set([...html.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id))]),
  );
  return pages.flatMap(({ file, html }) =>
    [...html.matchAll(/<a [^>]*?href="([^"]*)"/g)].flatMap(([, href = '']) => {
      if (/^[a-z]+:/i.test(href)) return [];
      const [path = '', anchor] = href.split('#', 2);
      const target = targetOf(path, file, base);
      const known = anchors.get(target);
      if (known === undefined) return existsSync(join(site, target)) ? [] : [`${file}: ${href} does not exist`];
      if (anchor === undefined || anchor === '' || known.has(decodeURIComponent(anchor))) return [];
      return [`${file}: ${href} has no such anchor`];
    }),
  );
}

/** The built file that a link refers to. */
function targetOf(path: string, from: string, base: string): string {
  if (path === '') return from;
  const target = path.startsWith('/')
    ? posix.relative(base, path)
    : posix.normalize(posix.join(posix.dirname(from), path));
  if (target === '' || target === '.') return 'index.html';
  return path.endsWith('/') ? posix.join(target, 'index.html') : target;
}
