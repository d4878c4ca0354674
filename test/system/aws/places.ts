import { functionOutput } from '../../../src/management/operations.ts';
import type { KindPlace } from '../acceptance/kinds.ts';
import { output, type Outputs } from '../acceptance/stack.ts';
import type { Account } from './account.ts';

/** The construct's default. */
const CACHE_TTL_SECONDS = 60;

/** The APIs of the test stack that are behind Latchkey's authorizer. */
export function places({ aws, endpointOf }: Account, outputs: Outputs) {
  const place = (urlOutput: string, cacheTtlSeconds: number): KindPlace => ({
    endpoint: endpointOf(output(outputs, urlOutput)),
    label: 'lk',
    createFunction: output(outputs, functionOutput('create')),
    revokeFunction: output(outputs, functionOutput('revoke')),
    aws,
    cacheTtlSeconds,
  });
  return {
    rest: place('SampleApiUrl', CACHE_TTL_SECONDS),
    httpIam: place('HttpIamUrl', CACHE_TTL_SECONDS),
    httpSimple: {
      ...place('HttpSimpleUrl', CACHE_TTL_SECONDS),
      label: 'lks',
      createFunction: output(outputs, 'SimpleCreateFunctionName'),
      revokeFunction: output(outputs, 'SimpleRevokeFunctionName'),
    },
    webSocket: place('WebSocketUrl', 0),
  };
}
