import { createPublicKey, verify } from 'node:crypto';

/**
 * Whether GitHub has signed this body: ECDSA on P-256 with SHA-256, DER in base64.
 *
 * @param publicKey in PEM
 * @param signature as the header has it
 */
export function isSigned(body: Buffer, publicKey: string, signature: string): boolean {
  try {
    return verify('sha256', body, createPublicKey(publicKey), Buffer.from(signature, 'base64'));
  } catch {
    // A signature, or a key, that is none at all.
    return false;
  }
}
