import { createPublicKey, verify } from 'node:crypto';

/**
 * Returns whether GitHub signed this body: ECDSA on P-256 with SHA-256, DER in base64.
 *
 * @param publicKey in PEM
 * @param signature the value of the header
 */
export function isSigned(body: Buffer, publicKey: string, signature: string): boolean {
  try {
    return verify('sha256', body, createPublicKey(publicKey), Buffer.from(signature, 'base64'));
  } catch {
    // The signature or the key cannot be parsed.
    return false;
  }
}
