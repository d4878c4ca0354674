import { InMemoryWebStorage, UserManager, WebStorageStateStore } from 'oidc-client-ts';
import type { SignIn } from '../hosting/settings.ts';
import type { Session } from './session.ts';

/** Where the provider sends the browser after signing out; it must know this address. */
const SIGNED_OUT_QUERY = '?signed-out';

/**
 * Signs in by an authorization code with PKCE. The tokens are kept in memory alone: a reload asks the provider again,
 * which remembers who was there. What must outlast the way to it and back, the code verifier and the page, is in the
 * session storage for so long.
 *
 * @returns `undefined` when the browser is on its way to the provider, or has just signed out
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
  const answer = location.href;
  history.replaceState(null, '', '/');
  const user = await manager.signinRedirectCallback(answer);
  if (typeof user.state === 'string') history.replaceState(null, '', `/${user.state}`);
  const { email, sub } = user.profile;
  return {
    user: typeof email === 'string' ? email : sub,
    headers: async () => ({ authorization: `Bearer ${(await manager.getUser())?.access_token ?? ''}` }),
    ended: () => void manager.removeUser(),
    signOut: async () => {
      await manager.removeUser();
      const parameters = { client_id: signIn.clientId, logout_uri: `${home}${SIGNED_OUT_QUERY}` };
      location.assign(`${signIn.logoutEndpoint}?${new URLSearchParams(parameters).toString()}`);
    },
  };
}
