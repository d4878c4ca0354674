import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { describe } from 'vitest';
import { endpoint, outputsOf, placeOfStack } from './stack.ts';
import { acceptance } from './suite.ts';

/**
 * Runs against a stack that is already deployed. Set `LATCHKEY_URL` to its output `SampleApiUrl`:
 *
 *     LATCHKEY_URL=https://….execute-api.….amazonaws.com/prod npm run test:acceptance
 *
 * Credentials are found as by the AWS CLI. `LATCHKEY_STACK` is the stack's name, `Latchkey` by default. The keys that the
 * tests create are not deleted.
 */
const url = process.env['LATCHKEY_URL'];
if (url === undefined) throw new Error('LATCHKEY_URL is not set. Set it to the output SampleApiUrl of the stack.');
const region = process.env['AWS_REGION'] ?? /\.execute-api\.([^.]+)\./.exec(url)?.[1];
if (region === undefined) throw new Error('AWS_REGION is not set, and LATCHKEY_URL does not contain a Region.');

describe(`AWS, ${url}`, () => {
  acceptance(async () => {
    const aws = { region, credentials: defaultProvider() };
    const outputs = await outputsOf(process.env['LATCHKEY_STACK'] ?? 'Latchkey', aws);
    return placeOfStack({ ...outputs, SampleApiUrl: url }, { aws, endpointOf: endpoint });
  });
});
