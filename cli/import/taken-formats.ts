import { IMPORTED_FORMATS, type ImportedFormat } from '../../src/core/keys/imported-key.ts';
import type { Deployment } from '../deployment/deployment.ts';
import { CommandError } from '../errors.ts';

/** Whose keys the deployment takes. For an operator who may not ask, everybody's: no key must come in that nobody would find. */
export async function takenFormats({ keys }: Deployment): Promise<readonly ImportedFormat[]> {
  try {
    return (await keys.settings()).importedFormats;
  } catch (error) {
    if (!(error instanceof CommandError && error.problem.code === 'access_denied')) throw error;
    return IMPORTED_FORMATS;
  }
}
