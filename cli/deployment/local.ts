import { LambdaClient } from '@aws-sdk/client-lambda';
import { OPERATIONS } from '../../src/management/operations.ts';
import { usageError } from '../errors.ts';
import { lambdaDeployment, type Deployment } from './deployment.ts';

/** The default admin URL of `npm start`. */
export const LOCAL_URL = 'http://127.0.0.1:8788';

/** The Region and credentials of the local server, which are not secret. */
export const LOCAL_CREDENTIALS = {
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
} as const;

/** Returns the deployment that `npm start` runs on this machine. It doesn't check credentials. */
export function localDeployment(url: string): Deployment {
  if (!URL.canParse(url))
    throw usageError(`"${url}" is not a URL. Give the URL of the admin API, such as ${LOCAL_URL}.`);
  return lambdaDeployment({
    client: new LambdaClient({ endpoint: url, ...LOCAL_CREDENTIALS, maxAttempts: 2 }),
    where: `the local server at ${url} (is "npm start" running?)`,
    place: { stackName: 'npm start', region: 'this machine', usage: true },
    functionName: (operation) => OPERATIONS[operation].entry,
    logAdvice: 'Run "npm start -- --logs" to see its log.',
  });
}
