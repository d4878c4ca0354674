import { InMemoryWebStorage, UserManager, WebStorageStateStore } from 'oidc-client-ts';
import type { SignIn } from '../hosting/settings.ts';
import type { Session } from './session.ts';

/** The provider redirects to this address after sign-out. It must be one of the client's logout URLs. */
const SIGNED_OUT_QUERY = '?signed-out';

/**
 * Signs in with an authorization code and PKCE. Tokens are only in memory: after a reload, the provider, which remembers the
 * user, issues new ones. The code verifier and the current page must survive the redirect, so they are in session storage
 * until then.
 *
 * @returns the session, `leaving` if the browser is being redirected to the provider, or `signed out` after a sign-out
 */
export async function signedIn(signIn: SignIn): Promise<Session | 'signed out' | 'leaving'> {
  const home = `${location.origin}/`;
  const manager = new UserManager({
    authority: signIn.issuer,
    metadata: {
      issuer: signIn.issuer,
      authorization_endpoint: signIn.authorizationEndpoint,
      token_endpoint: signIn.tokenEndpoint,
    },
    client_id: signIn.clientId,
    redirect_uri: home,
    scope: signIn.scope,
    userStore: new WebStorageStateStore({ store: new InMemoryWebStorage() }),
    stateStore: new WebStorageStateStore({ store: sessionStorage }),
    automaticSilentRenew: true,
  });
  const query = new URLSearchParams(location.search);
  if (location.search === SIGNED_OUT_QUERY) return 'signed out';
  if (!query.has('state') || !(query.has('code') || query.has('error'))) {
    await manager.signinRedirect({ state: location.hash });
    return 'leaving';
  }
  const redirect = location.href;
  history.replaceState(null, '', '/');
  const user = await manager.signinRedirectCallback(redirect);
  if (typeof user.state === 'string') history.replaceState(null, '', `/${user.state}`);
  const { email, sub } = user.profile;
  return {
    user: typeof email === 'string' ? email : sub,
    headers: async () => ({ authorization: `Bearer ${(await manager.getUser())?.access_token ?? ''}` }),
    expired: () => void manager.removeUser(),
    signOut: async () => {
      await manager.removeUser();
      const parameters = { client_id: signIn.clientId, logout_uri: `${home}${SIGNED_OUT_QUERY}` };
      location.assign(`${signIn.logoutEndpoint}?${new URLSearchParams(parameters).toString()}`);
    },
  };
}
