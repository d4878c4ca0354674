/** The endpoint of DynamoDB, and the Region that signatures are for. */
export interface Endpoint {
  readonly url: URL;
  readonly region: string;
}

/** Regions of the `aws` partition. Other Regions and special endpoints are looked up in the SDK's data. */
const COMMERCIAL_REGION = /^(?:us|eu|ap|sa|ca|me|af|il|mx)-[a-z]+-\d+$/;

/**
 * Returns the endpoint that the SDK would choose from the same environment: `AWS_ENDPOINT_URL_DYNAMODB`,
 * `AWS_ENDPOINT_URL`, `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS`, `AWS_USE_FIPS_ENDPOINT`,
 * `AWS_USE_DUALSTACK_ENDPOINT`, `AWS_REGION`, in all partitions.
 *
 * @throws {Error} if the environment has no Region, or the Region has no such endpoint
 */
export async function endpointFrom(environment: NodeJS.ProcessEnv): Promise<Endpoint> {
  const region = environment['AWS_REGION'] ?? environment['AWS_DEFAULT_REGION'];
  if (region === undefined || region === '') throw new Error('the environment variable AWS_REGION is not set');
  const fips = isOn(environment['AWS_USE_FIPS_ENDPOINT']);
  const dualStack = isOn(environment['AWS_USE_DUALSTACK_ENDPOINT']);

  const configured = configuredUrl(environment);
  if (configured !== undefined) {
    if (fips || dualStack) throw new Error('a configured endpoint cannot be combined with FIPS or dual-stack');
    return { url: new URL(configured), region };
  }
  if (!fips && !dualStack && COMMERCIAL_REGION.test(region)) return inDomain('amazonaws.com');

  const { partition } = await import('@aws-sdk/core/client');
  const { name, dnsSuffix, dualStackDnsSuffix, supportsFIPS, supportsDualStack } = partition(region);
  // The standard endpoints of GovCloud are FIPS endpoints.
  if (name === 'aws-us-gov' && !dualStack) return inDomain(dnsSuffix, 'dynamodb');
  if (fips && !supportsFIPS) throw new Error(`the partition ${name} has no FIPS endpoints`);
  if (dualStack && !supportsDualStack) throw new Error(`the partition ${name} has no dual-stack endpoints`);
  return inDomain(dualStack ? dualStackDnsSuffix : dnsSuffix);

  function inDomain(domain: string, service = fips ? 'dynamodb-fips' : 'dynamodb'): Endpoint {
    return { url: new URL(`https://${service}.${String(region)}.${domain}`), region: String(region) };
  }
}

function configuredUrl(environment: NodeJS.ProcessEnv): string | undefined {
  if (isOn(environment['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS'])) return undefined;
  // An empty variable counts as absent, as for the SDK.
  return [environment['AWS_ENDPOINT_URL_DYNAMODB'], environment['AWS_ENDPOINT_URL']].find((url) => url);
}

function isOn(value: string | undefined): boolean {
  return value === 'true';
}
