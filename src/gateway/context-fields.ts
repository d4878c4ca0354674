/** Field names of the authorizer's context that Latchkey or API Gateway uses. */
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
  // HTTP APIs nest the authorizer's context in it.
  'lambda',
] as const;

/** Separates metadata from the reserved fields. Access logs can use it, as in `$context.authorizer.meta_plan`. */
export const METADATA_PREFIX = 'meta_';

/** Joins the scopes. No scope contains a comma. */
export const SCOPE_SEPARATOR = ',';

/** Returns whether the code of a custom authorizer may add a field with this name to the context. */
export function isCustomField(field: string): boolean {
  return (
    /^[A-Za-z][A-Za-z0-9_]*$/.test(field) &&
    !field.startsWith(METADATA_PREFIX) &&
    !RESERVED_FIELDS.some((one) => one === field)
  );
}
