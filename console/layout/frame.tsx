import AppLayout from '@cloudscape-design/components/app-layout';
import BreadcrumbGroup from '@cloudscape-design/components/breadcrumb-group';
import TopNavigation, { type TopNavigationProps } from '@cloudscape-design/components/top-navigation';
import type { ReactNode } from 'react';
import type { ConsoleSettings } from '../hosting/settings.ts';
import type { Session } from '../session/session.ts';
import { Navigation, SECTIONS, useNavigationOpen } from './navigation.tsx';
import { THEMES, useTheme, type Theme } from './theme.ts';
import { useNarrow } from './use-narrow.ts';

interface FrameProps {
  readonly settings?: ConsoleSettings;
  readonly session?: Session;
  readonly children: ReactNode;
}

const THEME_NAMES: Record<Theme, string> = { system: 'Same as system', light: 'Light', dark: 'Dark' };

const SECTION_MENU: TopNavigationProps.Utility = {
  type: 'menu-dropdown',
  iconName: 'menu',
  text: 'Sections',
  ariaLabel: 'Sections',
  items: SECTIONS.map(({ text, href }) => ({ id: href, text, href })),
};

/** The top navigation and the page below it. */
export function Frame({ settings, session, children }: FrameProps) {
  const [theme, chooseTheme] = useTheme();
  const narrow = useNarrow();
  const utilities: TopNavigationProps.Utility[] = [
    // On a phone, this menu replaces the side navigation, whose closed form violates the axe rule aria-allowed-attr.
    ...(narrow && session !== undefined ? [SECTION_MENU] : []),
    {
      type: 'menu-dropdown',
      text: 'Appearance',
      iconName: 'settings',
      ariaLabel: 'Appearance',
      items: THEMES.map((one) => ({ id: one, text: THEME_NAMES[one], itemType: 'checkbox', checked: one === theme })),
      onItemClick: ({ detail }) => {
        chooseTheme(THEMES.find((one) => one === detail.id) ?? 'system');
      },
    },
  ];
  const signOut = session?.signOut;
  if (session?.user !== undefined && signOut !== undefined)
    utilities.push({
      type: 'menu-dropdown',
      text: session.user,
      iconName: 'user-profile',
      items: [{ id: 'sign-out', text: 'Sign out' }],
      onItemClick: () => void signOut(),
    });
  // A stack with the default name "Latchkey" is not named twice.
  const title = [...new Set(['Latchkey', ...(settings === undefined ? [] : [settings.stackName, settings.region])])];
  return (
    <>
      <div id="top">
        <TopNavigation
          identity={{ href: '#/', title: title.join(' · ') }}
          utilities={utilities}
          i18nStrings={{ overflowMenuTriggerText: 'More', overflowMenuTitleText: 'All' }}
        />
      </div>
      {children}
    </>
  );
}

interface PageProps {
  /** The breadcrumbs after "API keys". The page itself is the last. */
  readonly path?: readonly { readonly text: string; readonly href: string }[];
  readonly contentType?: 'table' | 'form' | 'default';
  /** `false` before the user is signed in. @default true */
  readonly navigation?: boolean;
  readonly children: ReactNode;
}

/** A page with breadcrumbs and the side navigation. */
export function Page({ path, contentType = 'default', navigation = true, children }: PageProps) {
  const [open, setOpen] = useNavigationOpen();
  const narrow = useNarrow();
  return (
    <AppLayout
      headerSelector="#top"
      toolsHide
      navigationHide={!navigation || narrow}
      navigationWidth={220}
      navigation={<Navigation />}
      navigationOpen={open}
      onNavigationChange={({ detail }) => {
        setOpen(detail.open);
      }}
      contentType={contentType}
      breadcrumbs={
        path === undefined ? undefined : (
          <BreadcrumbGroup ariaLabel="Breadcrumbs" items={[{ text: 'API keys', href: '#/' }, ...path]} />
        )
      }
      content={children}
      ariaLabels={{
        navigation: 'Side navigation',
        navigationToggle: 'Open side navigation',
        navigationClose: 'Close side navigation',
        notifications: 'Notifications',
      }}
    />
  );
}
