import type { DenialReason } from '../../src/core/decision/denial-reasons.ts';

/** Explains each denial reason to users of the console. docs/denial-reasons.md has more detail. */
export const DENIAL_TEXTS: Record<DenialReason, string> = {
  missing: 'The request has no key.',
  malformed: 'This is not a key of this deployment, or it was not copied completely.',
  unknown: 'No key with this prefix exists. It may have been deleted after it expired or was revoked.',
  corrupt: 'The stored record of this key is damaged.',
  mismatch: 'A key with this prefix exists, but the rest of the key is wrong.',
  revoked: 'The key is revoked.',
  disabled: 'The key is disabled.',
  expired: 'The key has expired.',
  not_yet_valid: 'The key’s start time has not been reached.',
  plan: 'The key’s plan is not configured in this deployment.',
  unenforced: 'The key has a restriction that this deployment can’t enforce.',
  stage: 'The key is not allowed on this stage.',
  source_ip: 'The key is not allowed from this IP address.',
  origin: 'The key is not allowed from this origin.',
  suspended: 'The owner of the key is suspended.',
  limited: 'The key has exceeded its rate or quota.',
  permission: 'A custom authorizer rejected the request.',
  scope: 'The key’s scopes don’t include this route.',
};
