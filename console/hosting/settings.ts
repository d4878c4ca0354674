import type { AttributesJsonSchema } from '../../src/core/attributes/attributes.ts';
import type { Plans } from '../../src/core/limits/limits.ts';
import type { EnforcedRestriction } from '../../src/core/restrictions/restrictions.ts';

/**
 * The settings of a deployment that the console needs before it can show anything: the response of `GET /api/settings`.
 * `latchkey console` reads them from the deployment. The construct `AdminConsole` takes them from its props.
 *
 * In the hosted console everyone can read them before sign-in, so they contain no secrets.
 */
export interface ConsoleSettings {
  readonly stackName: string;
  readonly region: string;
  /** The first part of every key, or `null` if the user may not read the deployment's settings. */
  readonly label: string | null;
  readonly plans: Plans;
  /** The restrictions that the deployment enforces, in addition to stages and times. */
  readonly restrictions: readonly EnforcedRestriction[];
  /** The deployment's metadata schema. Its properties become columns and form fields. */
  readonly attributes?: AttributesJsonSchema | undefined;
  /** Whether this Region has a replica of the table, so that keys can't be changed here. */
  readonly readOnly: boolean;
  /** Whether usage is counted. */
  readonly usage: boolean;
  /** Whether owners can be suspended. */
  readonly ownerSuspension: boolean;
  /** How users sign in. `undefined` in the local console, where the link is the session. */
  readonly signIn?: SignIn | undefined;
}

/** An OpenID Connect provider that supports authorization codes with PKCE. */
export interface SignIn {
  readonly issuer: string;
  readonly clientId: string;
  readonly scope: string;
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  /** The sign-out endpoint. It takes `client_id` and `logout_uri`, like Cognito's. */
  readonly logoutEndpoint: string;
}
