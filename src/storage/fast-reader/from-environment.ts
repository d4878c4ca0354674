import type { AuthorizerSettings } from '../../gateway/settings.ts';
import type { KeyReader, OwnerReader } from '../key-store.ts';
import { lambdaCredentials } from './credentials.ts';
import { endpointFrom } from './endpoint.ts';
import { FastKeyReader } from './key-reader.ts';
import { RecordCache } from './record-cache.ts';

/**
 * Returns the reader of keys and owners for a Lambda function with this environment.
 *
 * @throws {Error} if the environment has no Region, or no valid endpoint of DynamoDB
 */
export async function fastReaderFromEnvironment(
  environment: NodeJS.ProcessEnv,
  tableName: string,
  { recordCacheSeconds }: Pick<AuthorizerSettings, 'recordCacheSeconds'>,
): Promise<KeyReader & OwnerReader> {
  const endpoint = await endpointFrom(environment);
  const keys = new FastKeyReader({ tableName, endpoint, credentials: lambdaCredentials(environment) });
  return recordCacheSeconds > 0 ? new RecordCache(keys, { seconds: recordCacheSeconds }) : keys;
}
