/** Names in the context that are Latchkey's, or API Gateway's own. Anything else a team's own code has put there. */
export const RESERVED_FIELDS = [
  'keyId',
  'name',
  'ownerId',
  'scopes',
  'plan',
  'rate',
  'burst',
  'quota',
  'countsAs',
  'authorizedBy',
  'subject',
  'principalId',
  'integrationLatency',
  // Where HTTP APIs put the whole context of an answer.
  'lambda',
] as const;

/** Whether a team's own code may give the context a field of this name. */
export function isOwnField(field: string): boolean {
  return (
    /^[A-Za-z][A-Za-z0-9_]*$/.test(field) && !field.startsWith('meta_') && !RESERVED_FIELDS.some((one) => one === field)
  );
}
