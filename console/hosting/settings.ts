import type { AttributesJsonSchema } from '../../src/core/attributes/attributes.ts';
import type { Plans } from '../../src/core/limits/limits.ts';
import type { EnforcedRestriction } from '../../src/core/restrictions/restrictions.ts';

/**
 * What the console has to know of its deployment before it can show anything: the answer of `GET /api/settings`.
 * `latchkey console` makes it from the deployed functions' settings, the construct `AdminConsole` from its props.
 *
 * Where the console is hosted anybody can read it, before signing in: nothing in it is a secret.
 */
export interface ConsoleSettings {
  readonly stackName: string;
  readonly region: string;
  /** The first part of every key; `null` if the operator may not know. */
  readonly label: string | null;
  readonly plans: Plans;
  /** What keys can be restricted to, beside stages and times. */
  readonly restrictions: readonly EnforcedRestriction[];
  /** The deployment's own columns and fields: THE place where its schema is supplied. */
  readonly attributes?: AttributesJsonSchema | undefined;
  /** Whether keys are managed in another Region, and only looked at here. */
  readonly readOnly: boolean;
  /** Whether usage is counted. */
  readonly usage: boolean;
  /** How people sign in; without it whoever was given the link has a session. */
  readonly signIn?: SignIn | undefined;
}

/** An OpenID Connect provider that takes an authorization code with PKCE. */
export interface SignIn {
  readonly issuer: string;
  readonly clientId: string;
  readonly scope: string;
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  /** Where one signs out, taking `client_id` and `logout_uri` as Cognito does. */
  readonly logoutEndpoint: string;
}
