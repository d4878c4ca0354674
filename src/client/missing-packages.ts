import type { KeyClientOptions } from './create-key-client.ts';

const NOT_FOUND = new Set<unknown>(['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND']);

/** Names the packages to install if a connection failed because it could not load a client of the AWS SDK. */
export function explainMissingPackages(error: unknown, options: KeyClientOptions): unknown {
  if (!(error instanceof Error && 'code' in error && NOT_FOUND.has(error.code))) return error;
  const packages = packagesFor(options);
  return new Error(
    `latchkey/client requires ${packages.join(' and ')} for this connection. Run "npm install ${packages.join(' ')}".`,
    { cause: error },
  );
}

function packagesFor(options: KeyClientOptions): readonly string[] {
  if ('tableName' in options) return ['@aws-sdk/client-dynamodb', '@aws-sdk/lib-dynamodb'];
  const lambda = '@aws-sdk/client-lambda';
  return 'stackName' in options ? ['@aws-sdk/client-cloudformation', lambda] : [lambda];
}
