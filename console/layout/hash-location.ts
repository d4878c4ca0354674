import { useSyncExternalStore } from 'react';

/**
 * The address of a page is the URL's fragment, such as `/keys?owner=acme`. The server never receives it. wouter's own hash
 * hook puts the query before the fragment, where servers see it.
 */

interface Navigation {
  readonly replace?: boolean;
}

const listeners = new Set<() => void>();
/** Set while the page has unsaved changes. */
let block: { readonly address: string; readonly confirm: (to: string) => void } | undefined;

function address(): string {
  return `/${location.hash.replace(/^#?\/?/, '')}`;
}

function notify(): void {
  for (const listener of listeners) listener();
}

addEventListener('hashchange', () => {
  const to = address();
  if (block !== undefined && to !== block.address) {
    // The browser has left already, by the Back button or the address bar.
    history.pushState(null, '', `#${block.address}`);
    block.confirm(to);
    return;
  }
  notify();
});

document.addEventListener(
  'click',
  (event) => {
    const link = event.target instanceof Element ? event.target.closest('a[href^="#/"]') : null;
    const opensElsewhere = event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0;
    if (block === undefined || link === null || opensElsewhere) return;
    event.preventDefault();
    event.stopPropagation();
    block.confirm((link.getAttribute('href') ?? '#/').slice(1));
  },
  { capture: true },
);

/** Goes to an address, also while {@link blockNavigation} is in effect. */
export function navigate(to: string, { replace = false }: Navigation = {}): void {
  if (replace) history.replaceState(null, '', `#${to}`);
  else history.pushState(null, '', `#${to}`);
  notify();
}

/**
 * Blocks links, the Back button and changes of the address, and calls `confirm` with the address to go to.
 *
 * @returns a function that allows navigation again
 */
export function blockNavigation(confirm: (to: string) => void): () => void {
  const blocked = { address: address(), confirm };
  block = blocked;
  return () => {
    if (block === blocked) block = undefined;
  };
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

/** The path of the address, for wouter's router. */
export function useHashPath(): [path: string, navigate: (to: string, options?: Navigation) => void] {
  return [useSyncExternalStore(subscribe, () => address().split('?', 1)[0] ?? '/'), navigate];
}

/** The query of the address, without the question mark. */
export function useHashSearch(): string {
  return useSyncExternalStore(subscribe, () => address().split('?').slice(1).join('?'));
}
