import { hash, timingSafeEqual } from 'node:crypto';
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import { CREDENTIALS, REGION } from '../account.ts';
import { headerValues, type GatewayRequest } from './http.ts';

/** Why a signature was rejected. */
export type SignatureFault = 'missing' | 'incomplete' | 'unknown-key' | 'wrong-scope' | 'expired' | 'mismatch';

const SERVICE = 'execute-api';
const MAX_SKEW_MS = 5 * 60 * 1000;
const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 +Credential=(?<keyId>[^/,]+)\/(?<scope>[^,]+), *SignedHeaders=(?<signedHeaders>[^,]+), *Signature=(?<signature>[0-9a-f]{64})$/;
const AMZ_DATE = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/;

/**
 * Verifies the Signature Version 4 of a request by signing it again with the local credentials.
 *
 * @param now milliseconds since the epoch
 * @returns the fault, or `undefined` if the signature is valid
 */
export async function signatureFault(request: GatewayRequest, now: number): Promise<SignatureFault | undefined> {
  const [authorization] = headerValues(request, 'authorization');
  if (authorization === undefined) return 'missing';
  const { keyId, scope, signedHeaders, signature } = AUTHORIZATION.exec(authorization)?.groups ?? {};
  const [date = ''] = headerValues(request, 'x-amz-date');
  const signedAt = parseDate(date);
  const signed = new Set(signedHeaders?.split(';'));
  if (signature === undefined || signedAt === undefined || !signed.has('host') || !signed.has('x-amz-date'))
    return 'incomplete';

  if (keyId !== CREDENTIALS.accessKeyId) return 'unknown-key';
  if (scope !== `${date.slice(0, 8)}/${REGION}/${SERVICE}/aws4_request`) return 'wrong-scope';
  if (Math.abs(now - signedAt.getTime()) > MAX_SKEW_MS) return 'expired';
  // The signer uses this header as the hash of the body.
  if (headerValues(request, 'x-amz-content-sha256').some((claim) => claim !== hash('sha256', request.body)))
    return 'mismatch';
  const expected = await signatureOf(request, signed, signedAt);
  return timingSafeEqual(Buffer.from(signature, 'hex'), Buffer.from(expected, 'hex')) ? undefined : 'mismatch';
}

async function signatureOf(
  { method, path, query, headers, body }: GatewayRequest,
  signedHeaders: Set<string>,
  signingDate: Date,
): Promise<string> {
  const signer = new SignatureV4({
    credentials: CREDENTIALS,
    region: REGION,
    service: SERVICE,
    sha256: Sha256,
    applyChecksum: false,
  });
  const valueOf = (name: string) => headerValues({ headers }, name).join(',');
  const signed = await signer.sign(
    {
      method,
      protocol: 'http:',
      hostname: '127.0.0.1',
      path,
      query: Object.fromEntries([...new Set(query.keys())].map((name) => [name, query.getAll(name)])),
      headers: Object.fromEntries([...signedHeaders].map((name) => [name, valueOf(name)])),
      body,
    },
    { signingDate, signableHeaders: signedHeaders },
  );
  return AUTHORIZATION.exec(signed.headers['authorization'] ?? '')?.groups?.['signature'] ?? '';
}

function parseDate(text: string): Date | undefined {
  const date = new Date(text.replace(AMZ_DATE, '$1-$2-$3T$4:$5:$6Z'));
  return AMZ_DATE.test(text) && !Number.isNaN(date.getTime()) ? date : undefined;
}
