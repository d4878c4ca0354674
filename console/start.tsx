import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Spinner from '@cloudscape-design/components/spinner';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { clientOf, request } from './api/client.ts';
import { keysOf } from './api/keys.ts';
import { NO_CONNECTION, problemIn, problemOf, SIGNED_OUT } from './api/problem.ts';
import { attributeFields } from './attributes/fields.ts';
import type { ConsoleSettings } from './hosting/settings.ts';
import { ConsoleContext } from './layout/console-context.ts';
import { Frame, Page } from './layout/frame.tsx';
import { adviceOn } from './layout/problem-box.tsx';
import { Pages } from './pages/pages.tsx';
import { linkSession, openLink } from './session/link.ts';
import type { Session } from './session/session.ts';
import { signedIn } from './session/sign-in.ts';

interface Started {
  readonly settings: ConsoleSettings;
  readonly session: Session | 'signed out' | 'leaving';
}

/** One promise for the page: React can call `start` twice, but a link works once. */
let starting: Promise<Started> | undefined;

async function start(): Promise<Started> {
  await openLink();
  const response = await request('/settings');
  if (!response.ok) throw await problemIn(response);
  const settings = (await response.json()) as ConsoleSettings;
  return { settings, session: settings.signIn === undefined ? linkSession : await signedIn(settings.signIn) };
}

/** Reads the settings and signs the user in, and then shows the pages. */
export function Start() {
  const { data, error } = useQuery({
    queryKey: ['start'],
    queryFn: () => (starting ??= start()),
    staleTime: Infinity,
  });
  if (error !== null) return <NotStarted error={error} />;
  if (data === undefined || data.session === 'leaving')
    return (
      <Frame>
        <Message title="Loading" spinning />
      </Frame>
    );
  if (data.session === 'signed out')
    return (
      <Frame settings={data.settings}>
        <Message title="You are signed out">
          <Button variant="primary" href="/">
            Sign in
          </Button>
        </Message>
      </Frame>
    );
  return <Ready settings={data.settings} session={data.session} />;
}

function Ready({ settings, session }: { settings: ConsoleSettings; session: Session }) {
  const context = useMemo(
    () => ({
      settings,
      keys: keysOf(clientOf(session)),
      attributes: attributeFields(settings.attributes),
      hosted: settings.signIn !== undefined,
    }),
    [settings, session],
  );
  return (
    <ConsoleContext value={context}>
      <Frame settings={settings} session={session}>
        <Pages />
      </Frame>
    </ConsoleContext>
  );
}

/** Returns whether this is the local console. The settings, which would say so, could not be read. */
function isLocal(): boolean {
  return location.hostname === '127.0.0.1';
}

function NotStarted({ error }: { error: Error }) {
  const problem = problemOf(error);
  const title =
    problem.code === SIGNED_OUT
      ? 'You are not signed in'
      : problem.code === NO_CONNECTION
        ? 'No connection'
        : 'The console couldn’t start';
  return (
    <Frame>
      <Message title={title}>
        <Box variant="p" color="text-body-secondary">
          {problem.message} {adviceOn(problem, !isLocal())}
        </Box>
      </Message>
    </Frame>
  );
}

function Message({ title, spinning, children }: { title: string; spinning?: true; children?: React.ReactNode }) {
  return (
    <Page navigation={false}>
      <Box textAlign="center" padding={{ vertical: 'xxxl' }}>
        <div role={spinning === true ? 'status' : 'alert'}>
          {spinning === true && <Spinner size="large" />}
          <Box variant="h1">{title}</Box>
          {children}
        </div>
      </Box>
    </Page>
  );
}
