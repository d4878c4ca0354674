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
 * Converts an error of an AWS SDK to a message for the user.
 *
 * @param attempt what was tried, as an infinitive without "to"
 */
export function awsProblem(error: unknown, attempt: string): CommandError {
  if (error instanceof CommandError) return error;
  const name = nameOf(error);
  const detail = firstSentence(error);
  if (/region is missing/i.test(detail))
    return unreachable('No AWS Region is set. Use --region, or set AWS_REGION or a Region in your AWS profile.');
  if (NO_CREDENTIALS.includes(name))
    return unreachable(
      `Your AWS credentials are missing, expired or invalid (${detail}). Sign in, or choose a --profile.`,
    );
  if (NO_PERMISSION.includes(name))
    return unreachable(`Your AWS credentials have no permission to ${attempt}: ${detail}.`, 'access_denied');
  if (NO_CONNECTION.includes(name)) return unreachable(`Can't ${attempt}: ${detail || name}. Check your connection.`);
  if (name === 'ResourceNotFoundException') return unreachable(`Can't ${attempt}: ${detail}.`);
  return unreachable(`Can't ${attempt}: ${name}, ${detail}.`);
}

/** Whether AWS denied a request because of missing permissions. */
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
