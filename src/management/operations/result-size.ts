import { keyResultTooLarge, type ResultFields } from '../../gateway/result-size.ts';
import type { ManagementSettings } from '../../gateway/settings.ts';
import { InvalidInputError } from '../errors.ts';

/**
 * Refuses fields of a key with which API Gateway would not accept the authorizer's result.
 *
 * @throws {InvalidInputError} with the size, and what to do
 */
export function refuseLargeResult(
  fields: ResultFields,
  settings: Pick<ManagementSettings, 'plans' | 'contextMetadata'>,
): void {
  const message = keyResultTooLarge(fields, settings);
  if (message !== undefined) throw new InvalidInputError([{ field: 'scopes', message, accepted: undefined }]);
}
