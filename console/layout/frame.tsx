import AppLayout from '@cloudscape-design/components/app-layout';
import BreadcrumbGroup from '@cloudscape-design/components/breadcrumb-group';
import TopNavigation, { type TopNavigationProps } from '@cloudscape-design/components/top-navigation';
import type { ReactNode } from 'react';
import type { ConsoleSettings } from '../hosting/settings.ts';
import type { Session } from '../session/session.ts';
import { THEMES, useTheme, type Theme } from './theme.ts';

interface FrameProps {
  readonly settings?: ConsoleSettings;
  readonly session?: Session;
  readonly children: ReactNode;
}

const THEME_NAMES: Record<Theme, string> = { system: 'As the system', light: 'Light', dark: 'Dark' };

/** What stands around every page: the name of the deployment, and what concerns the operator. */
export function Frame({ settings, session, children }: FrameProps) {
  const [theme, chooseTheme] = useTheme();
  const utilities: TopNavigationProps.Utility[] = [
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
  // A stack that is called Latchkey, as it is by default, need not be named twice.
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
  /** The way here, from the list on; the page itself last. */
  readonly path?: readonly { readonly text: string; readonly href: string }[];
  readonly notifications?: ReactNode;
  readonly contentType?: 'table' | 'form' | 'default';
  readonly children: ReactNode;
}

/** One page. */
export function Page({ path, notifications, contentType = 'default', children }: PageProps) {
  return (
    <AppLayout
      headerSelector="#top"
      navigationHide
      toolsHide
      contentType={contentType}
      breadcrumbs={
        path === undefined ? undefined : (
          <BreadcrumbGroup ariaLabel="Breadcrumbs" items={[{ text: 'API keys', href: '#/' }, ...path]} />
        )
      }
      notifications={notifications}
      content={children}
      ariaLabels={{ notifications: 'Messages' }}
    />
  );
}
