import { headerValues, type GatewayRequest, type GatewayResponse, type RequestHandler } from './http.ts';

/** Header names and values. */
type Headers = Readonly<Record<string, string>>;

/** CORS of a REST API, as resources of its template have it. */
export interface RestCors {
  readonly kind: 'rest';
  /** The headers of the gateway responses `DEFAULT_4XX` and `DEFAULT_5XX`. */
  readonly gatewayResponses: Headers;
  /** The headers of the `OPTIONS` methods, which have no authorization. */
  readonly preflight: Headers;
}

/** CORS of an HTTP API, as resources of its template have it. */
export interface HttpCors {
  readonly kind: 'http';
  readonly configuration: {
    readonly allowOrigins: readonly string[];
    readonly allowMethods: readonly string[];
    readonly allowHeaders: readonly string[];
    readonly exposeHeaders: readonly string[];
    /** In seconds. */
    readonly maxAge: number;
  };
  /** Whether it has routes for `OPTIONS` without an authorizer. Without them, other routes match preflight requests. */
  readonly openOptions: boolean;
}

/**
 * Adds CORS to an API. A REST API adds the headers to the responses that API Gateway itself makes, and an HTTP API to all
 * responses, where they replace those of the function.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
 */
export function withCors(cors: RestCors | HttpCors, next: RequestHandler): RequestHandler {
  return cors.kind === 'rest' ? withRestCors(cors, next) : withHttpCors(cors, next);
}

function withRestCors({ gatewayResponses, preflight }: RestCors, next: RequestHandler): RequestHandler {
  return async (request) => {
    if (request.method === 'OPTIONS') return { status: 204, headers: Object.entries(preflight), body: '' };
    const response = await next(request);
    return response.byGateway === true ? added(response, Object.entries(gatewayResponses)) : response;
  };
}

function withHttpCors({ configuration, openOptions }: HttpCors, next: RequestHandler): RequestHandler {
  return async (request) => {
    const allowed = allowedOrigin(configuration, request);
    const isPreflight = request.method === 'OPTIONS' && openOptions;
    const response = isPreflight ? { status: 204, headers: [], body: '' } : await next(request);
    const own = response.headers.filter(([name]) => !/^access-control-/i.test(name));
    const { allowMethods, allowHeaders, exposeHeaders, maxAge } = configuration;
    const headers: [string, string][] = isPreflight
      ? [
          ['access-control-allow-methods', allowMethods.join(',')],
          ['access-control-allow-headers', allowHeaders.join(',')],
          ['access-control-max-age', String(maxAge)],
        ]
      : [];
    return added(
      { ...response, headers: own },
      allowed === undefined
        ? []
        : [
            ['access-control-allow-origin', allowed],
            ['access-control-expose-headers', exposeHeaders.join(',')],
            ...(allowed === '*' ? [] : [['vary', 'Origin'] as const]),
            ...headers,
          ],
    );
  };
}

function allowedOrigin(
  { allowOrigins }: HttpCors['configuration'],
  request: Pick<GatewayRequest, 'headers'>,
): string | undefined {
  const [origin] = headerValues(request, 'origin');
  if (origin === undefined) return undefined;
  return allowOrigins.includes('*') ? '*' : allowOrigins.find((allowed) => allowed === origin);
}

function added(response: GatewayResponse, headers: readonly (readonly [string, string])[]): GatewayResponse {
  return { ...response, headers: [...response.headers, ...headers] };
}
