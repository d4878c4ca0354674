import { digestOf } from '../../src/core/keys/digest.ts';
import { formatOf, idOfDigest, type ImportedFormat } from '../../src/core/keys/imported-key.ts';
import type { PortableKey } from '../../src/management/portable.ts';

/**
 * What is kept of a key that comes as it is. It goes no further than this.
 *
 * @param taken the formats that the deployment takes, and so could read it as
 */
export function hashed(
  key: string,
  importedFrom: 'api-gateway' | 'sha256',
  taken: readonly ImportedFormat[],
): Pick<PortableKey, 'prefix' | 'digest' | 'importedFrom'> | { readonly problem: string } {
  if (formatOf(key, [importedFrom]) === undefined)
    return { problem: `its value has not the form of a key (${importedFrom})` };
  const readAs = formatOf(key, taken);
  // Both are found by something else than the hash of the whole.
  if (readAs === 'drf' || readAs === 'prefixed-api-key')
    return { problem: `its value has the form of a ${readAs} key, and would be looked for as one` };
  const digest = digestOf(key);
  return { prefix: idOfDigest(digest), digest, importedFrom };
}
