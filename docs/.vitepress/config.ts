import { dirname } from 'node:path';
import { renderMermaidSVG } from 'beautiful-mermaid';
import { defineConfig, type DefaultTheme } from 'vitepress';
import { anchorOf, brokenLinks, siteLink } from './links.ts';
import { GENERATED, SECTIONS } from './pages.ts';

const BASE = '/latchkey/';

const pathOf = (file: string) => `/${file.replace(/(^|\/)(README|index)\.md$/, '$1').replace(/\.md$/, '')}`;

const sidebar: DefaultTheme.SidebarItem[] = SECTIONS.map(({ text, pages }) => ({
  text,
  collapsed: false,
  items: pages.map((page) => ({ text: page.text, link: pathOf(page.file) })),
}));

export default defineConfig({
  title: 'Latchkey',
  description: 'API keys for Amazon API Gateway, in your own AWS account',
  base: BASE,
  lang: 'en',
  srcExclude: ['README.md'],
  rewrites: { 'decisions/README.md': 'decisions/index.md' },
  metaChunk: true,
  // The search index is one chunk, loaded when a reader searches.
  vite: { build: { chunkSizeWarningLimit: 2000 } },
  head: [['link', { rel: 'icon', type: 'image/svg+xml', href: `${BASE}logo.svg` }]],
  markdown: {
    anchor: { slugify: anchorOf },
    toc: { slugify: anchorOf },
    config(md) {
      md.core.ruler.push('site-links', ({ tokens, env }) => {
        for (const token of tokens.flatMap(({ children }) => children ?? [])) {
          const href = token.type === 'link_open' ? token.attrGet('href') : null;
          if (href !== null) token.attrSet('href', siteLink(href, env.realPath ?? env.path));
        }
      });
      const fence = md.renderer.rules.fence;
      md.renderer.rules.fence = (tokens, index, options, env, self) => {
        const { info, content } = tokens[index];
        return info.trim() === 'mermaid' ? diagram(content) : fence(tokens, index, options, env, self);
      };
    },
  },
  // Generated pages are not in the repository, so they cannot be edited there.
  transformPageData: ({ relativePath }) =>
    relativePath === GENERATED.cli || relativePath.startsWith(dirname(GENERATED.typescript))
      ? { frontmatter: { editLink: false } }
      : undefined,
  buildEnd({ outDir }) {
    const broken = brokenLinks(outDir, BASE);
    if (broken.length > 0) throw new Error(`Broken links:\n${broken.join('\n')}`);
  },
  themeConfig: {
    logo: '/logo.svg',
    nav: [
      { text: 'Start', link: pathOf('getting-started.md') },
      { text: 'Troubleshooting', link: pathOf('troubleshooting.md') },
      { text: 'API', link: pathOf('api.md') },
      { text: 'TypeScript', link: pathOf(GENERATED.typescript) },
      { text: 'CLI', link: pathOf('cli.md') },
    ],
    sidebar,
    outline: [2, 3],
    search: { provider: 'local' },
    socialLinks: [{ icon: 'github', link: 'https://github.com/latchkey/latchkey' }],
    editLink: { pattern: 'https://github.com/latchkey/latchkey/edit/main/docs/:path' },
    footer: { message: 'Released under the MIT License.' },
  },
});

/** A Mermaid diagram as SVG, in the colors of the theme. Rendered at build time: Mermaid itself would add 150 MB. */
function diagram(source: string): string {
  const svg = renderMermaidSVG(source, {
    bg: 'var(--vp-c-bg)',
    fg: 'var(--vp-c-text-1)',
    muted: 'var(--vp-c-text-1)',
    line: 'var(--vp-c-text-2)',
    border: 'var(--vp-c-text-3)',
    transparent: true,
  });
  // The site loads nothing from other servers.
  const local = svg.replace(/@import url\([^)]*\);/, '').replaceAll("'Inter', ", '');
  // As a string, because a Vue template would drop the style element.
  return `<div class="diagram" v-html="${escapeHtml(JSON.stringify(local))}"></div>`;
}

const escapeHtml = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
