/** For the API behind the authorizer: who is calling and what for, with middy or without. It depends on nothing. */
export { apiKeyContext, requireScope, scopeRefusal, type ScopeRefusal, type WithCaller } from './backend/middleware.ts';
export { hasScope, readCaller, type AuthorizedCaller } from './backend/read-caller.ts';
export { callerOf, type AuthorizedEvent, type Caller } from './gateway/context.ts';
