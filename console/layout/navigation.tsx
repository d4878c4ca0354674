import SideNavigation from '@cloudscape-design/components/side-navigation';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { NARROW } from './use-narrow.ts';

/** The sections of the console. */
export const SECTIONS = [
  { type: 'link', text: 'Overview', href: '#/overview' },
  { type: 'link', text: 'API keys', href: '#/' },
  { type: 'link', text: 'Owners', href: '#/owners' },
  { type: 'link', text: 'Verify a key', href: '#/verify' },
  { type: 'link', text: 'Settings', href: '#/settings' },
] as const;

/** The links to the sections of the console. */
export function Navigation() {
  const [path] = useLocation();
  const section = SECTIONS.find(({ href }) => href === `#${path}`) ?? SECTIONS[1];
  return <SideNavigation activeHref={section.href} items={SECTIONS} />;
}

const STORED_AS = 'latchkey.navigation';

/** Whether the side navigation is open. The browser remembers it for wide screens. On a phone, it is closed. */
export function useNavigationOpen() {
  const [open, set] = useState(
    () => matchMedia('(min-width: 1100px)').matches && localStorage.getItem(STORED_AS) !== 'closed',
  );
  const change = (next: boolean) => {
    // Cloudscape closes it when the window becomes narrow.
    if (!NARROW.matches) localStorage.setItem(STORED_AS, next ? 'open' : 'closed');
    set(next);
  };
  return [open, change] as const;
}
