import { digestOf } from '../../src/core/keys/digest.ts';
import { formatOf, idOfDigest, type ImportedFormat } from '../../src/core/keys/imported-key.ts';
import type { PortableKey } from '../../src/management/portable.ts';

/**
 * Hashes a plain key. The key itself is not passed on.
 *
 * @param accepted the formats that the deployment accepts, which the key must not be confused with
 */
export function hashed(
  key: string,
  importedFrom: 'api-gateway' | 'sha256',
  accepted: readonly ImportedFormat[],
): Pick<PortableKey, 'prefix' | 'digest' | 'importedFrom'> | { readonly problem: string } {
  if (formatOf(key, [importedFrom]) === undefined)
    return { problem: `its value does not have the format of a key (${importedFrom})` };
  const readAs = formatOf(key, accepted);
  // The authorizer finds these formats by another id than the hash of the whole key.
  if (readAs === 'drf' || readAs === 'prefixed-api-key')
    return {
      problem: `its value has the format of a ${readAs} key, so the authorizer would not find it; remove ${readAs} from importedFormats first`,
    };
  const digest = digestOf(key);
  return { prefix: idOfDigest(digest), digest, importedFrom };
}
