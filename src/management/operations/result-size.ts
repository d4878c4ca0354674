import { keyResultTooLarge, type ResultFields } from '../../gateway/result-size.ts';
import type { ManagementSettings } from '../../gateway/settings.ts';
import { InvalidInputError } from '../errors.ts';

/**
 * Rejects a key that would make the authorizer's result too large for API Gateway.
 *
 * @throws {InvalidInputError} with the size, and how to reduce it
 */
export function refuseLargeResult(
  fields: ResultFields,
  settings: Pick<ManagementSettings, 'plans' | 'contextMetadata'>,
): void {
  const message = keyResultTooLarge(fields, settings);
  if (message !== undefined) throw new InvalidInputError([{ field: 'scopes', message, accepted: undefined }]);
}
