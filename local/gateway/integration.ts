import type { LocalFunction } from '../lambda/local-function.ts';
import { json, type GatewayResponse } from './http.ts';

/** The result of a Lambda function for a proxy event. */
interface ProxyResult {
  readonly statusCode: number;
  readonly headers?: Readonly<Record<string, string | number | boolean>> | null;
  readonly multiValueHeaders?: Readonly<Record<string, readonly string[]>> | null;
  readonly body?: string | null;
  readonly isBase64Encoded?: boolean;
}

/**
 * Invokes a function through a Lambda proxy integration. Returns a 502 if the function fails or returns an invalid result.
 *
 * @param alias the alias to invoke @default the unqualified function
 */
export async function integrate(
  target: Pick<LocalFunction, 'invoke'>,
  event: object,
  alias?: string,
): Promise<GatewayResponse> {
  const outcome = await target.invoke(JSON.stringify(event), alias);
  const result: unknown = outcome.ok ? JSON.parse(outcome.payload) : undefined;
  if (!isProxyResult(result)) return json(502, { message: 'Internal server error' }, 'InternalServerErrorException');
  const single = Object.entries(result.headers ?? {}).map(([name, value]) => [name, String(value)] as const);
  const multi = Object.entries(result.multiValueHeaders ?? {}).flatMap(([name, values]) =>
    values.map((value) => [name, value] as const),
  );
  return {
    status: result.statusCode,
    headers: [...single, ...multi],
    body: Buffer.from(result.body ?? '', result.isBase64Encoded === true ? 'base64' : 'utf8'),
  };
}

function isProxyResult(value: unknown): value is ProxyResult {
  if (typeof value !== 'object' || value === null || !('statusCode' in value)) return false;
  const body = 'body' in value ? value.body : undefined;
  return Number.isInteger(value.statusCode) && (body === undefined || body === null || typeof body === 'string');
}
