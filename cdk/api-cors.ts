import { AspectPriority, Aspects, Duration } from 'aws-cdk-lib';
import { Cors, ResourceBase, ResponseType, type CorsOptions, type RestApi } from 'aws-cdk-lib/aws-apigateway';
import {
  CfnApi,
  HttpMethod,
  HttpNoneAuthorizer,
  type HttpApi,
  type HttpRouteIntegration,
} from 'aws-cdk-lib/aws-apigatewayv2';

/** The headers of limited responses, which a browser hides from scripts by default. */
const EXPOSED_HEADERS = ['RateLimit', 'RateLimit-Policy', 'Retry-After'];
const MAX_AGE = Duration.hours(1);

/** Options of {@link ApiCors}. */
export interface ApiCorsOptions {
  /**
   * The origin whose scripts can read responses, such as `https://app.example.com`, or `*` for any. It is one origin,
   * because the responses that API Gateway itself makes have fixed headers.
   */
  readonly allowOrigin: string;
  /**
   * The request headers that scripts can send. They must include the header of the key.
   *
   * @default Cors.DEFAULT_HEADERS, which include `X-Api-Key` and `Authorization`
   */
  readonly allowHeaders?: readonly string[];
  /**
   * The response headers that scripts can read.
   *
   * @default the headers of the rate limiter
   */
  readonly exposeHeaders?: readonly string[];
}

/**
 * Lets scripts of another origin read every response of an API, including the 401 and 403 of the authorizer and the 429 of a
 * usage plan or a route limit. API Gateway makes those itself, without CORS headers, so a browser hides even their status.
 *
 * A Lambda proxy integration of a REST API must add the headers to its own responses, for example with `@middy/http-cors`. That
 * includes the 429 of `rateLimit()`.
 */
// eslint-disable-next-line @typescript-eslint/no-extraneous-class -- jsii exports classes, and no functions
export class ApiCors {
  /**
   * Adds CORS to a REST API: the headers on API Gateway's own error responses, and a preflight `OPTIONS` method without
   * authorization on every resource that has none, also on those that are added later.
   *
   * @throws {Error} if `allowOrigin` is not an origin or `*`
   * @example
   * ApiCors.addToRestApi(api, { allowOrigin: 'https://app.example.com' });
   */
  static addToRestApi(api: RestApi, options: ApiCorsOptions): void {
    const { allowOrigin, allowHeaders, exposeHeaders } = checked(options);
    const responseHeaders = {
      'Access-Control-Allow-Origin': `'${allowOrigin}'`,
      'Access-Control-Expose-Headers': `'${exposeHeaders.join(',')}'`,
      ...(allowOrigin === '*' ? {} : { Vary: "'Origin'" }),
    };
    api.addGatewayResponse('Cors4xx', { type: ResponseType.DEFAULT_4XX, responseHeaders });
    api.addGatewayResponse('Cors5xx', { type: ResponseType.DEFAULT_5XX, responseHeaders });
    const preflight: CorsOptions = { allowOrigins: [allowOrigin], allowHeaders, exposeHeaders, maxAge: MAX_AGE };
    // An aspect, because resources can be added later.
    Aspects.of(api).add(
      {
        visit(node) {
          if (node instanceof ResourceBase && node.node.tryFindChild('OPTIONS') === undefined)
            withOwnAddMethod(node).addCorsPreflight(preflight);
        },
      },
      { priority: AspectPriority.MUTATING },
    );
  }

  /**
   * Adds CORS to an HTTP API, which then adds the headers to all responses, and routes for `OPTIONS` without authorization.
   * Without these, the authorizer of a `$default` or `ANY` route rejects preflight requests.
   *
   * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
   *
   * @param integration an integration of the API. API Gateway requires one for the routes, and answers preflight requests itself
   * @throws {Error} if `allowOrigin` is not an origin or `*`
   * @example
   * ApiCors.addToHttpApi(httpApi, integration, { allowOrigin: 'https://app.example.com' });
   */
  static addToHttpApi(api: HttpApi, integration: HttpRouteIntegration, options: ApiCorsOptions): void {
    const { allowOrigin, allowHeaders, exposeHeaders } = checked(options);
    const resource = api.node.defaultChild;
    if (!(resource instanceof CfnApi)) throw new Error(`${api.node.path} has no AWS::ApiGatewayV2::Api resource.`);
    resource.corsConfiguration = {
      allowOrigins: [allowOrigin],
      allowMethods: ['*'],
      allowHeaders,
      exposeHeaders,
      maxAge: MAX_AGE.toSeconds(),
    };
    for (const path of ['/', '/{proxy+}'])
      api.addRoutes({ path, methods: [HttpMethod.OPTIONS], integration, authorizer: new HttpNoneAuthorizer() });
  }
}

/**
 * Returns the resource with the `addMethod` of its class. The resources of a proxying `LambdaRestApi` replace it with one that
 * throws.
 */
function withOwnAddMethod(resource: ResourceBase): ResourceBase {
  const addMethod: ResourceBase['addMethod'] = (...args) => ResourceBase.prototype.addMethod.apply(resource, args);
  return Object.create(resource, { addMethod: { value: addMethod } }) as ResourceBase;
}

interface CheckedOptions {
  readonly allowOrigin: string;
  readonly allowHeaders: string[];
  readonly exposeHeaders: string[];
}

function checked({ allowOrigin, allowHeaders, exposeHeaders }: ApiCorsOptions): CheckedOptions {
  if (allowOrigin !== '*' && !isOrigin(allowOrigin))
    throw new Error(
      `allowOrigin is "${allowOrigin}". Use an origin without a path, such as "https://app.example.com", or "*".`,
    );
  return {
    allowOrigin,
    allowHeaders: [...(allowHeaders ?? Cors.DEFAULT_HEADERS)],
    exposeHeaders: [...(exposeHeaders ?? EXPOSED_HEADERS)],
  };
}

/** Whether a string is what a browser sends in the header `Origin`: a scheme, a host and possibly a port. */
function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}
