/**
 * Why a request was denied, in the order of the checks. For the log and the metric, never for the caller.
 * docs/denial-reasons.md describes each.
 */
export const DENIAL_REASONS = [
  // Reading the key from the request.
  'missing',
  'malformed',
  // The checks of checks.ts.
  'unknown',
  'corrupt',
  'mismatch',
  'revoked',
  'expired',
  'disabled',
  'not_yet_valid',
  'plan',
  'unenforced',
  'stage',
  'source_ip',
  'origin',
  'suspended',
  'limited',
  // A custom authorizer's own code, which can narrow the scopes before they are checked.
  'permission',
  'scope',
] as const;

/** Why a request was rejected: see docs/denial-reasons.md. For the log and the metric, never for the caller. */
export type DenialReason = (typeof DENIAL_REASONS)[number];
