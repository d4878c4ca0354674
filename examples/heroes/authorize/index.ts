import { anyOf, apiKey, createAuthorizer } from 'latchkey/authorizer';
import { jwt } from 'latchkey/jwt';
import { users } from './users.ts';

/** Allows the routes of a key's scopes, and one route for users with a token. */
export const handler = createAuthorizer(anyOf(apiKey(), jwt(users, { scopes: () => ['GET /either'] })));
