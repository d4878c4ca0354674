import { randomUUID } from 'node:crypto';
import { inject } from 'vitest';
import { IMPORTED_FORMATS } from '../../../src/core/keys/imported-key.ts';
import type { AuthorizerSettings } from '../../../src/gateway/settings.ts';
import { startLocal, type Local, type LocalOptions } from '../../../local/server.ts';
import { latchkey, type Run, type RunOptions } from './latchkey.ts';

/** The local server of `npm start` on the tests' DynamoDB Local, and the CLI connected to it. */
export interface LocalDeployment extends Local {
  run(args: readonly string[], options?: RunOptions): Promise<Run>;
  /** Returns the status of a request to the sample API with a key. */
  statusOf(key: string): Promise<number>;
}

/** Starts a deployment that by default accepts imported keys of every format. */
export async function localDeployment(
  authorizer: Partial<AuthorizerSettings> = {},
  options: Pick<LocalOptions, 'attributes' | 'table'> = {},
): Promise<LocalDeployment> {
  const local = await startLocal({
    flushSettleMs: 300,
    port: 0,
    adminPort: 0,
    dynamodbEndpoint: inject('dynamodbEndpoint'),
    table: `keys-${randomUUID()}`,
    cacheTtlSeconds: 0,
    ...options,
    authorizer: { importedFormats: IMPORTED_FORMATS, ...authorizer },
  });
  return {
    ...local,
    run: (args, options = {}) =>
      latchkey(args, { ...options, env: { LATCHKEY_ENDPOINT: local.adminUrl, ...options.env } }),
    async statusOf(key) {
      const response = await fetch(`${local.apiUrl}/orders/1`, { headers: { 'x-api-key': key } });
      await response.body?.cancel();
      return response.status;
    },
  };
}
