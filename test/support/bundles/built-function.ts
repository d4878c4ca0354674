import { existsSync } from 'node:fs';
import {
  toEnvironment,
  type AuthorizerSettings,
  type EventSettings,
  type ManagementSettings,
  type SecretScanningSettings,
} from '../../../src/gateway/settings.ts';
import { CREDENTIALS, REGION } from '../../../local/account.ts';
import type { Log } from '../../../local/lambda/environment.ts';
import { LocalFunction } from '../../../local/lambda/local-function.ts';

/** Half of the construct's memory, in MiB. */
const MEMORY_MB = 256;

export interface BuiltFunctionOptions {
  /** The entry file in `functions/`, without the extension. */
  readonly name: string;
  readonly tableName: string;
  /** The endpoint of DynamoDB. */
  readonly endpoint: string;
  readonly settings: AuthorizerSettings | ManagementSettings | SecretScanningSettings | EventSettings;
  /** Environment variables in addition to those of every function. @default none */
  readonly variables?: Readonly<Record<string, string>>;
  readonly log: Log;
  /** The timeout of a call, in milliseconds. Its environment is then stopped. @default 10 000, the time that an HTTP API waits */
  readonly timeoutMs?: number;
}

/** Starts the bundle of a function, built by `npm run build`, in a separate execution environment. */
export function builtFunction(options: BuiltFunctionOptions): LocalFunction {
  const { name, tableName, endpoint, settings, log, variables: others, timeoutMs = 10_000 } = options;
  const bundle = new URL(`../../../dist/functions/${name}/index.mjs`, import.meta.url);
  if (!existsSync(bundle)) throw new Error(`The function ${name} has not been built. Run npm run build.`);
  const variables = {
    ...toEnvironment(tableName, settings),
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    AWS_ENDPOINT_URL_DYNAMODB: endpoint,
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(MEMORY_MB),
    ...others,
  };
  return new LocalFunction({ name, bundle: bundle.href, variables, timeoutMs, memoryMb: MEMORY_MB }, log);
}
