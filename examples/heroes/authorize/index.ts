import { anyOf, apiKey, createAuthorizer } from 'latchkey/authorizer';
import { jwt } from 'latchkey/jwt';
import { users } from './users.ts';

/** A key opens what its scopes say; a signed-in user the one route that is for either. */
export const handler = createAuthorizer(anyOf(apiKey(), jwt(users, { scopes: () => ['GET /either'] })));
