/** The parts of an authorizer event that the probes use. */
interface ProbeEvent {
  readonly version?: string;
  readonly methodArn?: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

/**
 * The bytes of a context that makes the result larger than the 8 KB that API Gateway documents.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
 */
const TOO_MANY_BYTES = 9000;

/** An authorizer for tests only: the header `x-probe` selects what it does. It protects nothing. */
export const handler = (event: ProbeEvent) => {
  const headers = Object.entries(event.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
  const probe = (Object.fromEntries(headers) as Record<string, string | undefined>)['x-probe'] ?? 'allow';
  if (probe === 'throw') return Promise.reject(new Error('Unauthorized'));
  if (event.version === '2.0') return Promise.resolve({ isAuthorized: true, context: {} });

  const stageArn = (event.methodArn ?? '').split('/').slice(0, 2).join('/');
  const resources: Readonly<Record<string, string>> = {
    decoded: `${stageArn}/GET/paths/a b`,
    raw: `${stageArn}/GET/paths/a%20b`,
  };
  const Resource = resources[probe] ?? event.methodArn;
  const Effect = probe === 'deny' ? 'Deny' : 'Allow';
  const values: Readonly<Record<string, object>> = {
    large: { padding: 'x'.repeat(TOO_MANY_BYTES) },
    quotes: { keyId: 'a"b\\c' },
  };
  return Promise.resolve({
    principalId: 'probe',
    policyDocument: { Version: '2012-10-17', Statement: [{ Action: 'execute-api:Invoke', Effect, Resource }] },
    context: { keyId: 'probe', ...values[probe] },
  });
};
