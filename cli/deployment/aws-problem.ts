import { CommandError, unreachable } from '../errors.ts';

const NO_CREDENTIALS = [
  'CredentialsProviderError',
  'TokenProviderError',
  'ExpiredToken',
  'ExpiredTokenException',
  'UnrecognizedClientException',
  'InvalidClientTokenId',
  'InvalidSignatureException',
];
const NO_PERMISSION = ['AccessDeniedException', 'AccessDenied', 'UnauthorizedOperation'];
const NO_CONNECTION = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ECONNRESET', 'ETIMEDOUT', 'TimeoutError'];

/**
 * What an AWS SDK's error means to the person at the terminal.
 *
 * @param attempt what was tried, to follow "to"
 */
export function awsProblem(error: unknown, attempt: string): CommandError {
  if (error instanceof CommandError) return error;
  const name = nameOf(error);
  const detail = firstSentence(error);
  if (/region is missing/i.test(detail))
    return unreachable('No AWS Region is set: give --region, or set AWS_REGION or one in your AWS profile.');
  if (NO_CREDENTIALS.includes(name))
    return unreachable(`AWS credentials are missing, expired or wrong (${detail}): sign in, or choose a --profile.`);
  if (NO_PERMISSION.includes(name))
    return unreachable(`Your AWS credentials may not ${attempt}: ${detail}.`, 'access_denied');
  if (NO_CONNECTION.includes(name)) return unreachable(`There was no connection to ${attempt}: ${detail || name}.`);
  if (name === 'ResourceNotFoundException') return unreachable(`There is nothing to ${attempt}: ${detail}.`);
  return unreachable(`It was not possible to ${attempt}: ${name}, ${detail}.`);
}

/** Whether AWS refused something for want of permission. */
export function isDenied(error: unknown): boolean {
  return NO_PERMISSION.includes(nameOf(error));
}

function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return 'Error';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

function firstSentence(error: unknown): string {
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n', 1);
  return line.trim().replace(/\.$/, '');
}
