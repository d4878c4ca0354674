import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { endpointFrom } from '../../../../src/storage/fast-reader/endpoint.ts';

/** Regions of every partition, and Regions that do not exist yet. */
const REGIONS = [
  ...['us-east-1', 'us-west-2', 'eu-central-2', 'ap-southeast-7', 'ca-west-1', 'il-central-1', 'mx-central-1'],
  ...['sa-east-1', 'af-south-1', 'me-south-1', 'eu-west-99', 'us-gov-east-1', 'us-gov-west-1', 'cn-north-1'],
  ...['cn-northwest-1', 'us-iso-east-1', 'us-isob-east-1', 'eu-isoe-west-1', 'us-isof-south-1', 'eusc-de-east-1'],
  'xx-unknown-1',
];
const SWITCHES: Record<string, string>[] = [
  {},
  { AWS_USE_FIPS_ENDPOINT: 'true' },
  { AWS_USE_DUALSTACK_ENDPOINT: 'true' },
  { AWS_USE_FIPS_ENDPOINT: 'true', AWS_USE_DUALSTACK_ENDPOINT: 'true' },
  { AWS_USE_FIPS_ENDPOINT: 'false', AWS_USE_DUALSTACK_ENDPOINT: 'false' },
];

/** Returns the endpoint that the SDK would use. */
function sdkEndpoint(region: string, switches: Record<string, string>): string | undefined {
  const client = new DynamoDBClient({ region, credentials: { accessKeyId: 'a', secretAccessKey: 'b' } });
  try {
    const { url } = client.config.endpointProvider({
      Region: region,
      UseFIPS: switches['AWS_USE_FIPS_ENDPOINT'] === 'true',
      UseDualStack: switches['AWS_USE_DUALSTACK_ENDPOINT'] === 'true',
    });
    return url.href;
  } catch {
    return undefined;
  } finally {
    client.destroy();
  }
}

const chosen = (environment: Record<string, string>) =>
  endpointFrom(environment).then(
    ({ url }) => url.href,
    () => undefined,
  );

describe.each(REGIONS)('the endpoint in %s', (region) => {
  it.each(SWITCHES)("uses the SDK's endpoint with %j", async (switches) => {
    const expected = sdkEndpoint(region, switches);
    expect(await chosen({ AWS_REGION: region, ...switches })).toBe(expected);
  });
});

describe('a configured endpoint', () => {
  const AWS_REGION = 'eu-west-1';
  const AWS_ENDPOINT_URL = 'http://127.0.0.1:4566';

  it('uses the configured endpoint, preferably the one for DynamoDB, unless it is configured to ignore them', async () => {
    const AWS_ENDPOINT_URL_DYNAMODB = 'http://127.0.0.1:8000';
    expect(await chosen({ AWS_REGION, AWS_ENDPOINT_URL })).toBe(`${AWS_ENDPOINT_URL}/`);
    expect(await chosen({ AWS_REGION, AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_DYNAMODB })).toBe('http://127.0.0.1:8000/');
    expect(await chosen({ AWS_REGION, AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_DYNAMODB: '' })).toBe(`${AWS_ENDPOINT_URL}/`);
    expect(await chosen({ AWS_REGION, AWS_ENDPOINT_URL, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' })).toBe(
      'https://dynamodb.eu-west-1.amazonaws.com/',
    );
  });

  it('rejects FIPS or dual-stack with a configured endpoint, because it could not guarantee them', async () => {
    await expect(endpointFrom({ AWS_REGION, AWS_ENDPOINT_URL, AWS_USE_FIPS_ENDPOINT: 'true' })).rejects.toThrow(/FIPS/);
    await expect(endpointFrom({ AWS_REGION, AWS_ENDPOINT_URL, AWS_USE_DUALSTACK_ENDPOINT: 'true' })).rejects.toThrow();
  });
});

it('throws an error without a Region', async () => {
  for (const environment of [{}, { AWS_REGION: '' }, { AWS_REGION: '', AWS_DEFAULT_REGION: 'eu-west-1' }])
    await expect(endpointFrom(environment)).rejects.toThrow('the environment variable AWS_REGION is not set');
  expect(await endpointFrom({ AWS_DEFAULT_REGION: 'eu-west-1' })).toMatchObject({ region: 'eu-west-1' });
});
