import { OPERATION_ENTRIES } from './operation-names.ts';

/** One route of the admin API. */
export interface AdminRoute {
  readonly method: 'GET' | 'POST' | 'PATCH';
  /** As API Gateway writes a resource's path: a parameter in braces. */
  readonly path: string;
  /** The function that answers: its entry file in `functions/`, without the extension. */
  readonly functionName: string;
}

/** Tells what a key was used for: only there where usage is counted. */
export const USAGE_ROUTE: AdminRoute = {
  method: 'GET',
  path: '/keys/{prefix}/usage',
  functionName: OPERATION_ENTRIES.usage,
};

/** What is done with keys. */
const KEY_ROUTES: readonly AdminRoute[] = [
  { method: 'POST', path: '/keys', functionName: 'create-key' },
  { method: 'GET', path: '/keys', functionName: 'list-keys' },
  { method: 'GET', path: '/keys/{prefix}', functionName: 'get-key' },
  { method: 'PATCH', path: '/keys/{prefix}', functionName: 'update-key' },
  { method: 'POST', path: '/keys/{prefix}/rotate', functionName: 'rotate-key' },
  { method: 'POST', path: '/keys/{prefix}/revoke', functionName: 'revoke-key' },
];

/** What the hosted console calls, and so all that its API has: see console/api/keys.ts. */
export const CONSOLE_ROUTES: readonly AdminRoute[] = [...KEY_ROUTES, USAGE_ROUTE];

/** The admin API, which calls for IAM authorisation on every route. One function each, so that each can be granted alone. */
export const ADMIN_ROUTES: readonly AdminRoute[] = [
  ...KEY_ROUTES,
  { method: 'POST', path: '/verify', functionName: 'verify-key' },
  { method: 'GET', path: '/settings', functionName: 'get-settings' },
  { method: 'GET', path: '/owners/{ownerId}', functionName: 'get-owner' },
  { method: 'POST', path: '/owners/{ownerId}/suspend', functionName: 'suspend-owner' },
  { method: 'POST', path: '/owners/{ownerId}/resume', functionName: 'resume-owner' },
];
