import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { describe } from 'vitest';
import { endpoint, outputsOf, placeOfStack } from './stack.ts';
import { acceptance } from './suite.ts';

/**
 * Against a real AWS account: `LATCHKEY_URL=https://….execute-api.….amazonaws.com/prod npm run test:acceptance`,
 * the URL being the stack's output `SampleApiUrl`. Credentials as for the AWS CLI. It makes keys, and leaves
 * them there.
 *
 * `LATCHKEY_STACK` is the stack's name. @default `Latchkey`
 */
const url = process.env['LATCHKEY_URL'];
if (url === undefined) throw new Error('LATCHKEY_URL is not set: give it the output SampleApiUrl of the stack.');
const region = process.env['AWS_REGION'] ?? /\.execute-api\.([^.]+)\./.exec(url)?.[1];
if (region === undefined) throw new Error('AWS_REGION is not set, and LATCHKEY_URL does not tell the Region.');

describe(`AWS, ${url}`, () => {
  acceptance(async () => {
    const aws = { region, credentials: defaultProvider() };
    const outputs = await outputsOf(process.env['LATCHKEY_STACK'] ?? 'Latchkey', aws);
    return placeOfStack({ ...outputs, SampleApiUrl: url }, { aws, flushesCaches: true, endpointOf: endpoint });
  });
});
