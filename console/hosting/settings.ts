import type { Plans } from '../../functions/domain/limits.ts';

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
  /** The deployment's own columns and fields: THE place where its schema is supplied. */
  readonly attributes?: AttributeSchema | undefined;
  /** Whether keys are managed in another Region, and only looked at here. */
  readonly readOnly: boolean;
  /** Whether usage is counted. */
  readonly usage: boolean;
  /** How people sign in; without it whoever was given the link has a session. */
  readonly signIn?: SignIn | undefined;
}

/** A flat JSON Schema object, as `z.toJSONSchema()` makes it of a zod object. The values are kept in the keys' metadata. */
export interface AttributeSchema {
  readonly type?: 'object';
  readonly properties?: Readonly<Record<string, AttributeProperty>>;
  readonly required?: readonly string[];
}

/** What is understood of a property; the rest is left to the server to judge. */
export interface AttributeProperty {
  /** `string`, `number`, `integer` or `boolean`; any other is shown, and cannot be edited. */
  readonly type?: string | readonly string[];
  /** What people call it. @default made from its name */
  readonly title?: string;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly default?: unknown;
  /** As zod writes a nullable one. */
  readonly anyOf?: readonly AttributeProperty[];
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
